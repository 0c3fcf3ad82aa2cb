// A text with its entities marked and an arc for each relation.

import { MAX_LEVELS, planned } from "./arcs.js";
import { Characters } from "./characters.js";
import { typeLabel } from "./chips.js";
import { colourOf } from "./colours.js";
import { isSpan } from "./corrections.js";
import { make, makeSvg } from "./dom.js";
import { score } from "./figures.js";

/** @typedef {import("./types.js").Result} Result */
/** @typedef {import("./pointing.js").Pointing} Pointing */
/** @typedef {import("./arcs.js").Anchor} Anchor */
/** @typedef {{quintuple: number, head: number, tail: number, score: number}} Link Ends are entities. */

const LEVEL = 21;
const FOOT = 13;
const LINE = 30;
const MAX_ARCS = 80;
const NOWHERE = { x: 0, line: 0 };

/**
 * @param {Result} result
 * @param {Pointing} pointing
 * @returns {HTMLElement}
 */
export function textView(result, pointing) {
  const { paragraph, marks } = markedText(result, pointing);
  const drawing = makeSvg("svg", { class: "arcs", role: "group", "aria-label": "Relations" });
  const hint = make("div", { class: "hint", role: "tooltip", hidden: true });
  const frame = make("div", { class: "post-text" }, paragraph, drawing, hint);
  const links = surest(result, marks);
  if (!links.length) {
    followEntities(pointing, marks);
    return frame;
  }

  let width = 0;
  new ResizeObserver(() => {
    if (frame.clientWidth && frame.clientWidth !== width) {
      width = frame.clientWidth;
      draw({ frame, paragraph, drawing, marks, links, result, pointing });
    }
  }).observe(frame);
  followEntities(pointing, marks);
  pointing.follow(({ quintuple }) => {
    for (const arc of drawing.querySelectorAll(".arc")) {
      const own = Number(arc.dataset.quintuple) === quintuple;
      arc.classList.toggle("pointed", own);
      if (own && quintuple !== undefined) showHint(hint, frame, arc, result.quintuples[quintuple]);
    }
    if (quintuple === undefined) hint.hidden = true;
  });
  frame.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") hint.hidden = true;
  });
  return frame;
}

/**
 * The text, entities marked; of two that overlap, the first is.
 * @param {Result} result @param {Pointing} [pointing]
 */
export function markedText(result, pointing) {
  const characters = new Characters(result.text);
  const order = [...result.entities.keys()].filter((index) => isSpan(result.entities[index]));
  const startOf = (/** @type {number} */ index) => result.entities[index].start ?? 0;
  const endOf = (/** @type {number} */ index) => result.entities[index].end ?? 0;
  order.sort((one, other) => startOf(one) - startOf(other) || endOf(other) - endOf(one));

  /** @type {Map<number, HTMLElement>} */
  const marks = new Map();
  const paragraph = make("p", { class: "text", dir: "auto" });
  let done = 0;
  for (const index of order) {
    const [start, end] = [startOf(index), endOf(index)];
    if (start < done || end <= start || end > characters.length) continue;
    paragraph.append(characters.slice(done, start));
    const { type } = result.entities[index];
    const name = make("span", { class: "name" }, characters.slice(start, end));
    const button = pointing
      ? { tabindex: 0, role: "button", ...pointing.listeners({ entity: index }) }
      : {};
    const mark = make("mark", { class: `entity colour-${colourOf(type)}` });
    mark.append(make("span", button, name, " ", typeLabel(type)));
    paragraph.append(mark);
    marks.set(index, mark);
    done = end;
  }
  paragraph.append(characters.slice(done, characters.length));
  return { paragraph, marks, characters };
}

/**
 * The quintuples that have a mark at both ends, at most MAX_ARCS.
 * @param {Result} result @param {Map<number, HTMLElement>} marks
 */
function surest(result, marks) {
  const entityAt = (/** @type {import("./types.js").Entity} */ end) =>
    result.entities.findIndex(
      (each) => each.start === end.start && each.end === end.end && each.type === end.type,
    );
  const links = result.quintuples.map((each, quintuple) => ({
    quintuple,
    head: entityAt(each.head),
    tail: entityAt(each.tail),
    score: each.score ?? 1,
  }));
  return links
    .filter(({ head, tail }) => marks.has(head) && marks.has(tail) && head !== tail)
    .sort((one, other) => other.score - one.score)
    .slice(0, MAX_ARCS);
}

/**
 * @param {object} parts
 * @param {HTMLElement} parts.frame
 * @param {HTMLElement} parts.paragraph
 * @param {SVGElement} parts.drawing
 * @param {Map<number, HTMLElement>} parts.marks
 * @param {Link[]} parts.links
 * @param {Result} parts.result
 * @param {Pointing} parts.pointing
 */
function draw({ frame, paragraph, drawing, marks, links, result, pointing }) {
  const width = paragraph.clientWidth;
  const anchors = anchorsOf(marks, links, paragraph);
  const font = getComputedStyle(drawing).font;
  const arcs = links.map(({ quintuple }) => {
    const { head, tail } = anchors.get(quintuple) ?? { head: NOWHERE, tail: NOWHERE };
    return { quintuple, head, tail, label: widthOf(result.quintuples[quintuple].relation, font) };
  });
  const segments = planned(arcs, width).filter(({ level }) => level < MAX_LEVELS);
  const levels = Math.max(0, ...segments.map(({ level }) => level + 1));
  const extra = levels ? levels * LEVEL + FOOT : 0;
  frame.style.setProperty("--row", `${LINE + extra}px`);
  frame.style.setProperty("--half", `${extra / 2}px`);

  const tops = lineTops(marks);
  const base = frame.getBoundingClientRect();
  drawing.setAttribute("width", String(base.width));
  drawing.setAttribute("height", String(base.height));
  const left = paragraph.getBoundingClientRect().left - base.left;
  const groups = new Map();
  for (const each of segments) {
    const top = tops[each.line] - base.top - FOOT - each.level * LEVEL;
    const found = result.quintuples[each.quintuple];
    let group = groups.get(each.quintuple);
    if (!group) {
      group = makeSvg("g", {
        class: "arc",
        tabindex: 0,
        role: "img",
        "aria-label": sentence(found),
        "data-quintuple": each.quintuple,
        ...pointing.listeners({ quintuple: each.quintuple }),
      });
      groups.set(each.quintuple, group);
    }
    group.append(...segmentShapes(each, left, top, tops[each.line] - base.top, found.relation, width));
  }
  const inOrder = [...groups.keys()].sort((one, other) => one - other);
  drawing.replaceChildren(...inOrder.map((quintuple) => groups.get(quintuple)));
}

/**
 * @param {import("./arcs.js").Segment} segment @param {number} left @param {number} top
 * @param {number} bottom @param {string} relation @param {number} width
 */
function segmentShapes(segment, left, top, bottom, relation, width) {
  const [from, to] = [segment.from + left, segment.to + left];
  const foot = bottom - 2;
  const opens = segment.from > 0 || segment.arrow === "start";
  const closes = segment.to < width;
  const bend = Math.min(5, Math.max(0, (to - from) / 2));
  const path = [
    opens ? `M${from} ${foot}V${top + bend}Q${from} ${top} ${from + bend} ${top}` : `M${from} ${top}`,
    closes ? `H${to - bend}Q${to} ${top} ${to} ${top + bend}V${foot}` : `H${to}`,
  ].join("");
  const shapes = [
    makeSvg("path", { class: "touch", d: path }),
    makeSvg("path", { class: "line", d: path }),
  ];
  if (segment.arrow) {
    const x = segment.arrow === "end" ? to : from;
    shapes.push(makeSvg("path", { class: "tip", d: `M${x - 4} ${foot - 6}h8l-4 6.5z` }));
  }
  if (segment.label) {
    const middle = (segment.start + segment.end) / 2 + left;
    const corner = { x: middle - segment.label / 2, y: top - 8 };
    shapes.push(makeSvg("rect", { ...corner, width: segment.label, height: 16 }));
    shapes.push(makeSvg("text", { x: middle, y: top + 4, "text-anchor": "middle" }, relation));
  }
  return shapes;
}

/**
 * Where each arc meets its entities; arcs that meet one entity are spread over it.
 * @param {Map<number, HTMLElement>} marks @param {Link[]} links @param {HTMLElement} paragraph
 */
function anchorsOf(marks, links, paragraph) {
  const origin = paragraph.getBoundingClientRect().left;
  const lines = lineOf(marks);
  const rects = new Map([...marks].map(([index, mark]) => [index, mark.getClientRects()[0]]));
  const middle = (/** @type {number} */ index) => {
    const rect = rects.get(index) ?? new DOMRect();
    return { x: rect.left + rect.width / 2 - origin, line: lines.get(index) ?? 0 };
  };
  /** @type {Map<number, {head: Anchor, tail: Anchor}>} */
  const anchors = new Map(
    links.map(({ quintuple, head, tail }) => [quintuple, { head: middle(head), tail: middle(tail) }]),
  );
  for (const [index, rect] of rects) {
    const ends = [];
    for (const { quintuple, head, tail } of links) {
      const own = anchors.get(quintuple);
      if (own && head === index) ends.push({ end: own.head, other: middle(tail) });
      if (own && tail === index) ends.push({ end: own.tail, other: middle(head) });
    }
    const rank = (/** @type {Anchor} */ { x, line }) => 1e5 * line + x;
    ends.sort((one, two) => rank(one.other) - rank(two.other));
    const step = Math.min(14, rect.width / (ends.length + 1));
    ends.forEach(({ end }, place) => {
      end.x += (place - (ends.length - 1) / 2) * step;
    });
  }
  return anchors;
}

/** The number of each mark's line. @param {Map<number, HTMLElement>} marks */
function lineOf(marks) {
  const tops = new Map([...marks].map(([index, mark]) => [index, mark.getClientRects()[0].top]));
  const distinct = separate([...tops.values()]);
  const nearest = (/** @type {number} */ top) => distinct.findIndex((each) => Math.abs(each - top) < 6);
  return new Map([...tops].map(([index, top]) => [index, nearest(top)]));
}

/** @param {Map<number, HTMLElement>} marks */
function lineTops(marks) {
  return separate([...marks.values()].map((mark) => mark.getClientRects()[0].top));
}

/** @param {number[]} values */
function separate(values) {
  /** @type {number[]} */
  const distinct = [];
  for (const value of values.sort((one, other) => one - other)) {
    if (!distinct.length || value - distinct[distinct.length - 1] >= 6) distinct.push(value);
  }
  return distinct;
}

/** @param {Pointing} pointing @param {Map<number, HTMLElement>} marks */
function followEntities(pointing, marks) {
  pointing.follow(({ entity }) => {
    for (const [index, mark] of marks) mark.classList.toggle("pointed", index === entity);
  });
}

/** @param {HTMLElement} hint @param {HTMLElement} frame @param {Element} arc @param {any} found */
function showHint(hint, frame, arc, found) {
  hint.replaceChildren(
    make("strong", {}, found.relation),
    make("span", {}, `${found.head.text} → ${found.tail.text}`),
    make("span", {}, found.score === undefined ? "" : `score ${score(found.score)}`),
  );
  hint.hidden = false;
  const text = arc.querySelector("text") ?? arc;
  const [place, base] = [text.getBoundingClientRect(), frame.getBoundingClientRect()];
  const most = base.width - hint.offsetWidth;
  const wanted = place.left + place.width / 2 - base.left - hint.offsetWidth / 2;
  hint.style.left = `${Math.max(0, Math.min(most, wanted))}px`;
  hint.style.top = `${place.bottom - base.top + 6}px`;
}

/** @param {import("./types.js").Quintuple} quintuple */
export function sentence({ head, relation, tail, score: value }) {
  const sure = value === undefined ? "" : `, score ${score(value)}`;
  return `${head.text} ${relation} ${tail.text}${sure}`;
}

/** @type {CanvasRenderingContext2D | null} */
let pen = null;

/** @param {string} text @param {string} font */
function widthOf(text, font) {
  pen ??= document.createElement("canvas").getContext("2d");
  if (!pen) return 7 * text.length;
  pen.font = font;
  return pen.measureText(text).width + 8;
}
