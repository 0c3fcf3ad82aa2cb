// Which part of a graph a person asks for.

/** @typedef {import("./types.js").Graph} Graph */
/** @typedef {import("./types.js").GraphNode} GraphNode */
/** @typedef {import("./types.js").GraphEdge} GraphEdge */

/**
 * @typedef {object} Filter
 * @property {string} search
 * @property {number} score
 * @property {number} posts
 * @property {Set<string>} types Types that are off.
 * @property {Set<string>} relations Relations that are off.
 */

/** Most nodes that are drawn; the table has all. */
export const MAX_DRAWN = 120;

/**
 * The edges that pass a filter, and their nodes.
 * @param {Graph} graph @param {Filter} filter
 */
export function filtered(graph, { search, score, posts, types, relations }) {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const wanted = search.trim().toLowerCase();
  const named = (/** @type {GraphNode} */ node) =>
    !wanted || [node.label, ...node.names].some((name) => name.toLowerCase().includes(wanted));
  const edges = graph.edges.filter((edge) => {
    const [head, tail] = [nodes.get(edge.head), nodes.get(edge.tail)];
    if (!head || !tail || types.has(head.type) || types.has(tail.type)) return false;
    if (relations.has(edge.relation) || edge.evidence.length < posts) return false;
    if (typeof edge.score === "number" && edge.score < score) return false;
    return named(head) || named(tail);
  });
  edges.sort((one, other) => (other.score ?? 1) - (one.score ?? 1));
  return { edges, nodes };
}

/**
 * The part that is drawn: the nodes with most edges, and the edges between them.
 * @param {GraphEdge[]} edges @param {Map<string, GraphNode>} nodes
 */
export function drawnPart(edges, nodes) {
  /** @type {Map<string, number>} */
  const degree = new Map();
  for (const { head, tail } of edges) {
    for (const id of [head, tail]) degree.set(id, (degree.get(id) ?? 0) + 1);
  }
  const most = [...degree].sort((one, other) => other[1] - one[1]).slice(0, MAX_DRAWN);
  const kept = new Map(most);
  return {
    nodes: most.map(([id, count]) => ({ node: /** @type {GraphNode} */ (nodes.get(id)), degree: count })),
    edges: edges.filter(({ head, tail }) => kept.has(head) && kept.has(tail)),
    left: degree.size - most.length,
  };
}
