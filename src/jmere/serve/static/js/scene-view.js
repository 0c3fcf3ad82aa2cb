// The scene graph: its objects and relations drawn, and the same as a list.

import { make } from "./dom.js";
import { score } from "./figures.js";
import { drawNetwork } from "./network.js";

/** @typedef {import("./types.js").Scene} Scene */

/**
 * @param {Scene} scene
 * @param {import("./pointing.js").Pointing} pointing
 * @returns {HTMLElement}
 */
export function sceneView(scene, pointing) {
  const relations = scene.relations ?? [];
  const label = `Scene graph of ${scene.objects.length} objects and ${relations.length} relations; listed beside it`;
  const container = make("div", { class: "network scene", role: "img", "aria-label": label });
  const view = make("div", { class: "scene-view" }, container, listed(scene, pointing));
  whenSeen(container, () => drawScene(container, scene, pointing));
  return view;
}

/** @param {HTMLElement} container @param {Scene} scene @param {import("./pointing.js").Pointing} pointing */
async function drawScene(container, scene, pointing) {
  const relations = scene.relations ?? [];
  const positions = places(scene.objects, container.clientWidth, container.clientHeight);
  const nodes = scene.objects.map((object, index) => ({
    data: { id: `o${index}`, label: object.label, size: 26, width: 18 + 7.4 * object.label.length, index },
    classes: "thing",
    position: positions[index],
  }));
  const edges = relations.map((relation, index) => ({
    data: {
      id: `r${index}`,
      source: `o${relation.subject}`,
      target: `o${relation.object}`,
      label: relation.predicate,
      width: 1.5,
    },
  }));
  const network = await drawNetwork(container, [...nodes, ...edges], {
    layout: { name: "preset" },
    fixed: true,
  });
  network.on("mouseover tap", "node", (/** @type {any} */ event) => pointing.point({ object: event.target.data("index") }));
  network.on("mouseout", "node", () => pointing.point(null));
  pointing.follow(({ object }) => {
    network.nodes().removeClass("pointed");
    if (object !== undefined) network.$id(`o${object}`).addClass("pointed");
  });
  new ResizeObserver(() => {
    network.resize();
    const again = places(scene.objects, container.clientWidth, container.clientHeight);
    network.nodes().positions((/** @type {any} */ node) => again[node.data("index")]);
    network.fit(undefined, 16);
  }).observe(container);
}

/**
 * Places on an ellipse, so that no edge passes under a third object.
 * @param {import("./types.js").SceneObject[]} objects @param {number} width @param {number} height
 */
function places(objects, width, height) {
  return objects.map((_, index) => {
    const turn = (2 * Math.PI * index) / objects.length - Math.PI;
    return { x: width * (0.5 + 0.38 * Math.cos(turn)), y: height * (0.5 + 0.4 * Math.sin(turn)) };
  });
}

/** @param {Scene} scene @param {import("./pointing.js").Pointing} pointing */
function listed(scene, pointing) {
  const name = (/** @type {number} */ index) => scene.objects[index]?.label ?? "?";
  const relations = (scene.relations ?? []).map(({ subject, predicate, object, score: value }) =>
    make(
      "li",
      {},
      name(subject),
      " ",
      make("em", {}, predicate),
      " ",
      name(object),
      value === undefined ? null : make("span", { class: "share" }, ` ${score(value)}`),
    ),
  );
  const objects = scene.objects.map(({ label, score: value }, object) =>
    make(
      "li",
      {},
      make(
        "button",
        { type: "button", class: "object", ...pointing.listeners({ object }) },
        label,
        value === undefined ? null : make("span", { class: "share" }, ` ${score(value)}`),
      ),
    ),
  );
  return make(
    "div",
    { class: "scene-list" },
    make("h3", {}, "Objects"),
    make("ul", { class: "objects" }, ...objects),
    make("h3", {}, "Relations"),
    relations.length ? make("ul", {}, ...relations) : make("p", { class: "help" }, "None."),
  );
}

/** Act once an element has a size on the screen. @param {HTMLElement} element @param {() => void} act */
export function whenSeen(element, act) {
  const observer = new ResizeObserver(() => {
    if (!element.clientWidth) return;
    observer.disconnect();
    act();
  });
  observer.observe(element);
}
