// Graphs drawn by Cytoscape.js, in the colours of the page; loaded when first needed.

import { colourOf, cssColour } from "./colours.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

/**
 * Draw a graph in a container; it follows the colour scheme.
 * @param {HTMLElement} container
 * @param {object[]} elements Nodes and edges in Cytoscape's form.
 * @param {{layout: object, fixed?: boolean}} options `fixed`: no panning and zooming.
 * @returns {Promise<any>}
 */
export async function drawNetwork(container, elements, { layout, fixed = false }) {
  const { default: cytoscape } = await import("../vendor/cytoscape.js");
  const network = cytoscape({
    container,
    elements,
    style: styles(),
    layout: { animate: false, padding: 24, ...layout },
    minZoom: 0.1,
    maxZoom: 3,
    autoungrabify: fixed,
    userPanningEnabled: !fixed,
    userZoomingEnabled: false,
    boxSelectionEnabled: false,
  });
  const restyle = () => network.style(styles());
  dark.addEventListener("change", restyle);
  network.on("destroy", () => dark.removeEventListener("change", restyle));
  return network;
}

/** The class of a node of a type. @param {string} type */
export function nodeClass(type) {
  return `colour-${colourOf(type)}`;
}

function styles() {
  const text = cssColour("text");
  const quiet = cssColour("quiet");
  const surface = cssColour("surface");
  const accent = cssColour("accent");
  const colours = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => ({
    selector: `node.colour-${number}`,
    style: {
      "background-color": cssColour(`type-${number}`),
      "border-color": cssColour(`type-${number}-edge`),
    },
  }));
  return [
    {
      selector: "node",
      style: {
        label: "data(label)",
        color: text,
        "font-family": "system-ui, sans-serif",
        "font-size": 12,
        "text-valign": "bottom",
        "text-margin-y": 4,
        "text-max-width": "120px",
        "text-wrap": "ellipsis",
        "text-outline-color": surface,
        "text-outline-width": 2,
        "background-color": cssColour("plate"),
        "border-color": quiet,
        "border-width": 1.5,
        width: "data(size)",
        height: "data(size)",
      },
    },
    ...colours,
    {
      selector: "node.thing",
      style: {
        shape: "round-rectangle",
        width: "data(width)",
        height: 26,
        "font-size": 13,
        "text-valign": "center",
        "text-margin-y": 0,
        "text-outline-width": 0,
        "background-color": cssColour("plate"),
      },
    },
    {
      selector: "edge",
      style: {
        label: "data(label)",
        color: quiet,
        "font-family": "system-ui, sans-serif",
        "font-size": 10,
        "text-rotation": "autorotate",
        "text-outline-color": surface,
        "text-outline-width": 2,
        "min-zoomed-font-size": 7,
        "curve-style": "bezier",
        "line-color": cssColour("arc"),
        "target-arrow-color": cssColour("arc"),
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.9,
        width: "data(width)",
      },
    },
    { selector: "edge.unlabelled", style: { label: "" } },
    { selector: ".faded", style: { opacity: 0.3 } },
    {
      selector: "node:selected, node.pointed",
      style: { "border-color": accent, "border-width": 3 },
    },
    {
      selector: "edge:selected, edge.pointed",
      style: { "line-color": accent, "target-arrow-color": accent, color: text, "z-index": 9 },
    },
  ];
}
