// Where the arcs of relations run over the lines of a text.

/**
 * @typedef {{x: number, line: number}} Anchor
 * @typedef {{quintuple: number, line: number, from: number, to: number, start: number, end: number,
 *   level: number, label: number, arrow: "start" | "end" | null}} Segment
 *   `from` and `to` are the ends of the line, `start` and `end` the room it takes with its label;
 *   `label` is the width of the label, 0 without one.
 */

const GAP = 6;

/** Most levels over a line; arcs above are left to the table. */
export const MAX_LEVELS = 7;

/**
 * Plan the segments of all arcs; an arc between two lines has one segment on each.
 * @param {{quintuple: number, head: Anchor, tail: Anchor, label: number}[]} arcs `label`: its width.
 * @param {number} width
 * @returns {Segment[]}
 */
export function planned(arcs, width) {
  /** @type {Segment[]} */
  const segments = [];
  for (const { quintuple, head, tail, label } of arcs) {
    const forward = head.line < tail.line || (head.line === tail.line && head.x <= tail.x);
    const [first, last] = forward ? [head, tail] : [tail, head];
    if (first.line === last.line) {
      const arrow = forward ? "end" : "start";
      segments.push(segment(quintuple, first.line, first.x, last.x, label, arrow, width));
      continue;
    }
    const right = segment(quintuple, first.line, first.x, width, label, forward ? null : "start", width);
    const left = segment(quintuple, last.line, 0, last.x, label, forward ? "end" : null, width);
    (right.to - right.from >= left.to - left.from ? left : right).label = 0;
    segments.push(right, left);
  }
  return withLevels(segments);
}

/**
 * @param {number} quintuple @param {number} line @param {number} from @param {number} to
 * @param {number} label @param {Segment["arrow"]} arrow @param {number} width
 * @returns {Segment}
 */
function segment(quintuple, line, from, to, label, arrow, width) {
  const middle = Math.max(label / 2, Math.min(width - label / 2, (from + to) / 2));
  const start = Math.min(from, middle - label / 2);
  const end = Math.max(to, middle + label / 2);
  return { quintuple, line, from, to, start, end, level: 0, label, arrow };
}

/** Give each segment the lowest free level of its line, short ones first. @param {Segment[]} segments */
function withLevels(segments) {
  /** @type {Map<number, Segment[][]>} */
  const lines = new Map();
  const byWidth = [...segments].sort((one, other) => one.to - one.from - (other.to - other.from));
  for (const each of byWidth) {
    const levels = lines.get(each.line) ?? [];
    lines.set(each.line, levels);
    let level = levels.findIndex((taken) => taken.every((other) => apart(each, other)));
    // Never below an arc that it spans: its feet would cross it.
    const above = levels.findLastIndex((taken) => taken.some((other) => !apart(each, other)));
    if (level < above) level = above + 1;
    if (level < 0) level = levels.length;
    (levels[level] ??= []).push(each);
    each.level = level;
  }
  return segments;
}

/** @param {Segment} one @param {Segment} other */
function apart(one, other) {
  return one.end + GAP < other.start || other.end + GAP < one.start;
}
