// What a person changed in one result, and the annotated post that follows from it.

/** @typedef {import("./types.js").Result} Result */
/** @typedef {import("./types.js").Entity} Entity */

/**
 * @typedef {{text: string, start: number, end: number, type: string, wrong: boolean, added: boolean,
 *   visible?: number}} Span
 * @typedef {{head: number, tail: number, relation: string, score?: number, wrong: boolean,
 *   added: boolean}} Link
 */

export class Corrections {
  /** @param {Result} result */
  constructor(result) {
    /** @type {Span[]} */
    this.entities = [];
    /** @type {Link[]} */
    this.links = [];
    /** Whether a person has read the whole post. */
    this.checked = false;
    /** Quintuples read in the picture, which no span of the text can hold. */
    this.apart = result.quintuples.filter((each) => !isSpan(each.head) || !isSpan(each.tail));
    for (const entity of result.entities) if (isSpan(entity)) this.#place(entity);
    for (const { head, tail, relation, score } of result.quintuples) {
      if (!isSpan(head) || !isSpan(tail)) continue;
      const ends = { head: this.#place(head), tail: this.#place(tail) };
      this.links.push({ ...ends, relation, score, wrong: false, added: false });
    }
    this.original = this.#state();
  }

  /** Whether anything differs from the result. */
  get changed() {
    return this.#state() !== this.original;
  }

  /** Entities that are not wrong. */
  get right() {
    return this.entities.filter((entity) => !entity.wrong);
  }

  /** Links that are not wrong, and whose ends are not. */
  get rightLinks() {
    return this.links.filter(
      (link) => !link.wrong && !this.entities[link.head].wrong && !this.entities[link.tail].wrong,
    );
  }

  /**
   * Add an entity; one that is there already is right again.
   * @param {{text: string, start: number, end: number, type: string}} span
   */
  addEntity(span) {
    const same = this.entities.findIndex(
      (entity) => entity.start === span.start && entity.end === span.end,
    );
    if (same >= 0) {
      Object.assign(this.entities[same], { type: span.type, wrong: false });
      return same;
    }
    this.entities.push({ ...span, wrong: false, added: true });
    return this.entities.length - 1;
  }

  /** @param {number} head @param {string} relation @param {number} tail */
  addLink(head, relation, tail) {
    const same = this.links.find(
      (link) => link.head === head && link.tail === tail && link.relation === relation,
    );
    if (same) same.wrong = false;
    else this.links.push({ head, tail, relation, wrong: false, added: true });
  }

  /** The result as corrected, for the views and the graph. @param {Result} result @returns {Result} */
  result(result) {
    const quintuples = this.rightLinks.map(({ head, tail, relation, score, added }) => ({
      head: entityOf(this.entities[head]),
      tail: entityOf(this.entities[tail]),
      relation,
      ...(score === undefined || added ? {} : { score }),
    }));
    const entities = this.right.map(entityOf);
    return { ...result, quintuples: [...quintuples, ...this.apart], entities, groundings: [] };
  }

  /**
   * The annotated post, as a line of a file to train on.
   * @param {Result} result
   * @param {{altText?: string, image?: string}} [beside]
   */
  post(result, { altText = "", image = "" } = {}) {
    const linked = new Set(this.rightLinks.flatMap((link) => [link.head, link.tail]));
    const spanOf = (/** @type {number} */ index) => {
      const { start, end, type } = this.entities[index];
      return { start, end, type };
    };
    const seen = new Set();
    const quintuples = [];
    for (const link of this.rightLinks) {
      const name = JSON.stringify([link.head, link.relation, link.tail]);
      if (seen.has(name)) continue;
      seen.add(name);
      quintuples.push({
        head: spanOf(link.head),
        tail: spanOf(link.tail),
        relation: link.relation,
      });
    }
    const alone = [...this.entities.keys()].filter((index) => !linked.has(index));
    const entities = alone.filter((index) => !this.entities[index].wrong).map(spanOf);
    return {
      id: result.id,
      text: result.text,
      ...(image ? { image } : {}),
      ...(altText ? { alt_text: altText } : {}),
      ...(result.scene_graph ? { scene_graph: result.scene_graph } : {}),
      quintuples,
      entities,
    };
  }

  /** @param {Entity & {start: number, end: number}} entity */
  #place({ text, start, end, type, visible }) {
    const found = this.entities.findIndex(
      (each) => each.start === start && each.end === end && each.type === type,
    );
    if (found >= 0) return found;
    this.entities.push({ text, start, end, type, wrong: false, added: false, visible });
    return this.entities.length - 1;
  }

  #state() {
    return JSON.stringify([this.entities, this.links]);
  }
}

/** @param {Entity} entity @returns {entity is Entity & {start: number, end: number}} */
export function isSpan(entity) {
  return Number.isInteger(entity.start) && Number.isInteger(entity.end);
}

/** @param {Span} span @returns {Entity} */
function entityOf({ text, start, end, type, visible }) {
  return { text, start, end, type, ...(visible === undefined ? {} : { visible }) };
}
