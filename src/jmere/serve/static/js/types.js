// Shapes of what the server sends; see docs/reference/formats.md.

/**
 * @typedef {{text: string, start?: number, end?: number, type: string, visible?: number, box?: number[]}} Entity
 * @typedef {{head: Entity, tail: Entity, relation: string, score?: number, source?: string}} Quintuple
 * @typedef {{label: string, box?: number[], score?: number}} SceneObject
 * @typedef {{subject: number, predicate: string, object: number, score?: number}} SceneRelation
 * @typedef {{objects: SceneObject[], relations?: SceneRelation[], size?: number[]}} Scene
 * @typedef {{entity: number, object: number, plan: number, attention: number}} Grounding
 * @typedef {{id?: string, text: string, image?: string, quintuples: Quintuple[], entities: Entity[],
 *   scene_graph?: Scene, groundings?: Grounding[], warnings?: string[]}} Result
 * @typedef {{post?: string, image?: string, score?: number}} Evidence
 * @typedef {{id: string, label: string, type: string, names: string[], mentions: number}} GraphNode
 * @typedef {{head: string, relation: string, tail: string, score?: number, evidence: Evidence[]}} GraphEdge
 * @typedef {{nodes: GraphNode[], edges: GraphEdge[]}} Graph
 */

export {};
