// Which objects of the picture an entity is aligned with.

import { entityChip } from "./chips.js";
import { make } from "./dom.js";
import { table } from "./table.js";

/** @typedef {import("./types.js").Result} Result */

const SHOWN = 3;

/**
 * The groundings of an entity, largest share first.
 * @param {Result} result @param {number} entity
 */
export function groundingsOf(result, entity) {
  const own = (result.groundings ?? []).filter((each) => each.entity === entity);
  return own.map((each) => ({ ...each, weight: (each.plan + each.attention) / 2 }))
    .sort((one, other) => other.weight - one.weight);
}

/**
 * The entities of a post, and what each is aligned with in the picture.
 * @param {Result} result @param {import("./pointing.js").Pointing} pointing
 */
export function entityTable(result, pointing) {
  const seen = (result.groundings ?? []).length > 0;
  /** @type {HTMLElement[]} */
  const lines = [];
  /** @type {import("./table.js").Column<import("./types.js").Entity>[]} */
  const columns = [{ name: "Entity", cell: (entity) => entityChip(entity) }];
  if (result.entities.some((entity) => entity.visible !== undefined)) {
    columns.push({
      name: "Visible",
      number: true,
      cell: ({ visible }) => (visible === undefined ? "" : `${Math.round(100 * visible)} %`),
    });
  }
  if (seen) columns.push({ name: "Aligned with", cell: (_, index) => objectChips(result, index, pointing) });
  const view = table({
    caption: "Entities of the post",
    columns,
    rows: result.entities,
    empty: "No entity found.",
    onRow: (line, _, index) => {
      lines[index] = line;
      line.addEventListener("pointerenter", () => pointing.point({ entity: index }));
      line.addEventListener("pointerleave", () => pointing.point(null));
    },
  });
  pointing.follow(({ entity, object }) => {
    lines.forEach((line, index) => {
      const meant = object !== undefined && groundingsOf(result, index).slice(0, SHOWN)
        .some((each) => each.object === object);
      line.classList.toggle("pointed", index === entity || meant);
    });
  });
  return view;
}

/** @param {Result} result @param {number} entity @param {import("./pointing.js").Pointing} pointing */
function objectChips(result, entity, pointing) {
  const objects = result.scene_graph?.objects ?? [];
  const chips = groundingsOf(result, entity).slice(0, SHOWN).flatMap(({ object, weight }) => {
    const label = objects[object]?.label;
    if (label === undefined) return [];
    const share = `${Math.round(100 * weight)} %`;
    const name = `${label}, ${share} of the alignment`;
    return [
      make(
        "button",
        { type: "button", class: "object", "aria-label": name, ...pointing.listeners({ object }) },
        label,
        " ",
        make("span", { class: "share" }, share),
      ),
    ];
  });
  return make("span", { class: "objects" }, ...chips);
}
