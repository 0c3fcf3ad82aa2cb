// The picture of a post with the boxes of its objects.

import { make, makeSvg } from "./dom.js";
import { score } from "./figures.js";
import { groundingsOf } from "./grounding.js";
import { bitmapOf, drawn } from "./pictures.js";

/** @typedef {import("./types.js").Result} Result */

const LONGEST = 1200;

/**
 * The picture with its boxes; null if there is neither.
 * @param {Result} result
 * @param {File | null} file
 * @param {import("./pointing.js").Pointing} pointing
 * @returns {Promise<HTMLElement | null>}
 */
export async function pictureView(result, file, pointing) {
  const objects = result.scene_graph?.objects ?? [];
  const boxed = [...objects.keys()].filter((index) => isBox(objects[index].box));
  const bitmap = file ? await bitmapOf(file) : null;
  if (!bitmap && (!boxed.length || !file)) return null;

  const size = sizeOf(result, bitmap, boxed.map((index) => objects[index].box ?? []));
  const frame = make("div", { class: "picture" });
  frame.style.aspectRatio = `${size[0]} / ${size[1]}`;
  frame.style.maxWidth = `min(100%, ${Math.round((560 * size[0]) / size[1])}px)`;
  if (bitmap) frame.append(drawn(bitmap, LONGEST, `Picture of the post: ${names(objects)}`));
  bitmap?.close();

  const drawing = makeSvg("svg", {
    viewBox: `0 0 ${size[0]} ${size[1]}`,
    role: "group",
    "aria-label": "Objects in the picture",
  });
  const largestFirst = boxed.sort((one, other) => area(objects[other].box) - area(objects[one].box));
  const shapes = new Map(
    largestFirst.map((index) => [index, boxShape(result, index, size, pointing)]),
  );
  drawing.append(...shapes.values());
  frame.append(drawing);
  pointing.follow(({ entity, object }) => {
    const meant = new Set(object === undefined ? [] : [object]);
    if (entity !== undefined) for (const each of groundingsOf(result, entity)) meant.add(each.object);
    for (const [index, shape] of shapes) shape.classList.toggle("pointed", meant.has(index));
    drawing.classList.toggle("dimmed", [...shapes.keys()].some((index) => meant.has(index)));
  });
  return frame;
}

/** @param {Result} result @param {number} index @param {number[]} size @param {any} pointing */
function boxShape(result, index, size, pointing) {
  const object = /** @type {any} */ (result.scene_graph?.objects[index]);
  const [x0, y0, x1, y1] = object.box;
  const unit = Math.max(size[0], size[1]) / 560;
  const [height, letter] = [20 * unit, 7.4 * unit];
  const text = object.label.length > 24 ? `${object.label.slice(0, 23)}…` : object.label;
  const width = text.length * letter + 10 * unit;
  const x = Math.max(0, Math.min(x0, size[0] - width));
  const y = y0 >= height ? y0 - height : Math.min(y0, size[1] - height);
  const sure = object.score === undefined ? "" : `, score ${score(object.score)}`;
  return makeSvg(
    "g",
    {
      class: `box tone-${index % 6}`,
      tabindex: 0,
      role: "img",
      "aria-label": `${object.label}${sure}`,
      ...pointing.listeners({ object: index }),
    },
    makeSvg("rect", {
      class: "edge",
      x: x0,
      y: y0,
      width: Math.max(1, x1 - x0),
      height: Math.max(1, y1 - y0),
      "stroke-width": 2.5 * unit,
    }),
    makeSvg("rect", { class: "plate", x, y, width, height, rx: 3 * unit }),
    makeSvg("text", { x: x + 5 * unit, y: y + 14.5 * unit, "font-size": 13 * unit }, text),
  );
}

/** @param {Result} result @param {ImageBitmap | null} bitmap @param {number[][]} boxes */
function sizeOf(result, bitmap, boxes) {
  const given = result.scene_graph?.size;
  if (given?.length === 2 && given[0] > 0 && given[1] > 0) return given;
  if (bitmap) return [bitmap.width, bitmap.height];
  return [Math.max(1, ...boxes.map((box) => box[2])), Math.max(1, ...boxes.map((box) => box[3]))];
}

/** @param {unknown} box @returns {box is number[]} */
function isBox(box) {
  return Array.isArray(box) && box.length === 4 && box.every(Number.isFinite);
}

/** @param {number[] | undefined} box */
function area(box) {
  return box ? (box[2] - box[0]) * (box[3] - box[1]) : 0;
}

/** @param {import("./types.js").SceneObject[]} objects */
function names(objects) {
  return objects.length ? objects.map((each) => each.label).join(", ") : "no objects found";
}
