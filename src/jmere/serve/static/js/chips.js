// An entity with its type, as all tables show it.

import { colourOf } from "./colours.js";
import { make } from "./dom.js";

/** @typedef {import("./types.js").Entity} Entity */

/** @param {{text: string, type: string}} entity */
export function entityChip({ text, type }) {
  return make("span", { class: `entity colour-${colourOf(type)}` }, text, " ", typeLabel(type));
}

/** @param {string} type */
export function typeLabel(type) {
  return make("span", { class: "type" }, type);
}

/** A relation, which may break at its underscores. @param {string} relation */
export function relationName(relation) {
  const parts = relation.split("_").flatMap((part, place) => (place ? ["_", make("wbr"), part] : [part]));
  return make("span", { class: "relation" }, ...parts);
}

/** A score as a bar and a number. @param {number | undefined} value */
export function scoreBar(value) {
  if (typeof value !== "number") return null;
  const share = Math.max(0, Math.min(1, value));
  const bar = make("meter", { min: 0, max: 1, value: share, "aria-hidden": "true" });
  return make("span", { class: "score" }, bar, value.toFixed(2));
}
