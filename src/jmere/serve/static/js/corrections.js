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
   * Add an entity. Entities of a post do not overlap: those under it become wrong, and their
   * relations are its own.
   * @param {{text: string, start: number, end: number, type: string}} span
   */
  addEntity(span) {
    const same = this.entities.findIndex(
      (entity) => entity.start === span.start && entity.end === span.end,
    );
    const place = same >= 0 ? same : this.entities.push({ ...span, wrong: false, added: true }) - 1;
    this.entities[place].type = span.type;
    const replaced = this.setEntity(place, { wrong: false });
    for (const link of [...this.links]) {
      if (link.wrong || !(replaced.includes(link.head) || replaced.includes(link.tail))) continue;
      const [head, tail] = [link.head, link.tail].map((end) => (replaced.includes(end) ? place : end));
      if (head !== tail && !this.#between(head, tail)) this.addLink(head, link.relation, tail);
    }
  }

  /**
   * Mark an entity as wrong or right; if right, those that it overlaps become wrong.
   * @param {number} index @param {{wrong: boolean}} as
   * @returns {number[]} The entities that became wrong thereby.
   */
  setEntity(index, { wrong }) {
    const own = this.entities[index];
    own.wrong = wrong;
    if (wrong) return [];
    const under = [...this.entities.keys()].filter((other) => {
      const { start, end, wrong: gone } = this.entities[other];
      return other !== index && !gone && start < own.end && own.start < end;
    });
    for (const other of under) this.entities[other].wrong = true;
    return under;
  }

  /**
   * Add a relation; the same one that was wrong is right again.
   * @param {number} head @param {string} relation @param {number} tail
   */
  addLink(head, relation, tail) {
    const same = this.links.find(
      (link) => link.head === head && link.tail === tail && link.relation === relation,
    );
    const link = same ?? { head, tail, relation, wrong: true, added: true };
    if (!same) this.links.push(link);
    this.setLink(link, { wrong: false });
  }

  /**
   * Mark a relation as wrong or right; a pair has one relation, so another becomes wrong.
   * @param {Link} link @param {{wrong: boolean}} as
   */
  setLink(link, { wrong }) {
    const other = this.#between(link.head, link.tail);
    if (!wrong && other && other !== link) other.wrong = true;
    link.wrong = wrong;
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
    const quintuples = this.rightLinks.map(({ head, tail, relation }) => ({
      head: spanOf(head),
      tail: spanOf(tail),
      relation,
    }));
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

  /** The relation of a pair that is not wrong. @param {number} head @param {number} tail */
  #between(head, tail) {
    return this.links.find((link) => !link.wrong && link.head === head && link.tail === tail);
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
