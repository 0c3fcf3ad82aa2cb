// One result: its text, quintuples, entities, picture and scene graph.

import { entityChip, relationName, scoreBar } from "./chips.js";
import { freshId, make } from "./dom.js";
import { entityTable } from "./grounding.js";
import { pictureView } from "./picture-view.js";
import { Pointing } from "./pointing.js";
import { sceneView } from "./scene-view.js";
import { table } from "./table.js";
import { textView } from "./text-view.js";

/** @typedef {import("./types.js").Result} Result */

/**
 * Show a result in a container, in place of what it holds.
 * @param {HTMLElement} container
 * @param {import("./session.js").Entry} entry
 * @param {{onCorrect: () => void}} options
 */
export async function showResult(container, entry, { onCorrect }) {
  const pointing = new Pointing();
  const result = entry.corrections?.changed ? entry.corrections.result(entry.result) : entry.result;
  const correct = make("button", { type: "button", click: onCorrect }, "Correct this result");
  const picture = await pictureView(result, entry.picture, pointing);
  const scene = result.scene_graph?.objects.length ? result.scene_graph : null;
  const cards = [
    card("Text", result.text ? textView(result, pointing) : make("p", { class: "help" }, "No text."), {
      aside: make("span", { class: "id" }, entry.id),
      notes: warnings(result),
    }),
    card("Quintuples", quintupleTable(result, pointing), { aside: correct }),
    picture
      ? card("Picture", make("div", { class: "picture-view" }, picture, entityTable(result, pointing)))
      : card("Entities", entityTable(result, pointing)),
    scene && card("Scene graph", sceneView(scene, pointing)),
  ];
  container.replaceChildren(...cards.filter((each) => each !== null));
}

/**
 * @param {string} title @param {Node} content
 * @param {{aside?: Node, notes?: Node | null}} [options]
 */
export function card(title, content, { aside, notes } = {}) {
  const id = freshId("heading");
  const heading = make("div", { class: "heading" }, make("h2", { id }, title), aside);
  return make("section", { class: "card", "aria-labelledby": id }, heading, content, notes);
}

/** @param {Result} result @param {Pointing} pointing */
function quintupleTable(result, pointing) {
  /** @type {HTMLElement[]} */
  const lines = [];
  const view = table({
    caption: "Quintuples of the post",
    columns: [
      { name: "Head", cell: ({ head }) => entityChip(head) },
      { name: "Relation", cell: ({ relation, source }) => relationCell(relation, source) },
      { name: "Tail", cell: ({ tail }) => entityChip(tail) },
      { name: "Score", number: true, cell: ({ score }) => scoreBar(score) },
    ],
    rows: result.quintuples,
    empty: "No quintuple found.",
    onRow: (line, _, index) => {
      lines[index] = line;
      line.addEventListener("pointerenter", () => pointing.point({ quintuple: index }));
      line.addEventListener("pointerleave", () => pointing.point(null));
    },
  });
  pointing.follow(({ quintuple }) => {
    lines.forEach((line, index) => line.classList.toggle("pointed", index === quintuple));
  });
  return view;
}

/** @param {string} relation @param {string | undefined} source */
function relationCell(relation, source) {
  const read = source === "picture" ? make("span", { class: "share" }, " in the picture") : null;
  return make("span", {}, relationName(relation), read);
}

/** @param {Result} result */
function warnings(result) {
  const found = result.warnings ?? [];
  if (!found.length) return null;
  return make("ul", { class: "warnings" }, ...found.map((each) => make("li", {}, each)));
}
