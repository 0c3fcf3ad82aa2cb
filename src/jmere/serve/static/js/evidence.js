// The posts that an edge of the graph, or all edges of a node, come from.

import { entityChip } from "./chips.js";
import { find, make } from "./dom.js";
import { score } from "./figures.js";
import { shortened } from "./post-list.js";
import { session } from "./session.js";

/** @typedef {import("./types.js").GraphEdge} GraphEdge */
/** @typedef {import("./types.js").GraphNode} GraphNode */

const MAX_EDGES = 30;
const MAX_POSTS = 20;

export function showNothing() {
  const help = "Choose an entity or a relation, in the graph or in the table below.";
  find("evidence").replaceChildren(make("p", { class: "help" }, help));
}

/**
 * @param {object} options
 * @param {GraphNode} [options.node]
 * @param {GraphEdge[]} options.edges
 * @param {Map<string, GraphNode>} options.nodes
 * @param {(id: string) => void} options.onOpen
 */
export function showEvidence({ node, edges, nodes, onOpen }) {
  const shown = edges.slice(0, MAX_EDGES).map((edge) => edgeItem(edge, nodes, onOpen));
  const rest = edges.length - shown.length;
  find("evidence").replaceChildren(
    ...(node ? nodeLines(node) : []),
    make("ul", { class: "edges" }, ...shown),
    ...(rest > 0 ? [make("p", { class: "help" }, `and ${rest} more relations; search for the name to list them`)] : []),
  );
}

/** @param {GraphNode} node */
function nodeLines({ label, type, names, mentions }) {
  const also = names.length ? make("p", { class: "help" }, `Also: ${names.join(", ")}`) : null;
  const times = mentions === 1 ? "1 mention" : `${mentions} mentions`;
  const lines = [make("p", {}, entityChip({ text: label, type }), " ", make("span", { class: "share" }, times)), also];
  return lines.filter((line) => line !== null);
}

/** @param {GraphEdge} edge @param {Map<string, GraphNode>} nodes @param {(id: string) => void} onOpen */
function edgeItem(edge, nodes, onOpen) {
  const name = (/** @type {string} */ id) => nodes.get(id)?.label ?? id;
  const posts = edge.evidence.slice(0, MAX_POSTS).map((each) => postItem(each, onOpen));
  const rest = edge.evidence.length - posts.length;
  if (rest > 0) posts.push(make("li", { class: "help" }, `and ${rest} more posts`));
  return make(
    "li",
    {},
    make("p", { class: "fact" }, make("b", {}, name(edge.head)), " ", make("em", {}, edge.relation), " ", make("b", {}, name(edge.tail))),
    make("ul", { class: "posts" }, ...posts),
  );
}

/** @param {import("./types.js").Evidence} evidence @param {(id: string) => void} onOpen */
function postItem({ post, score: value }, onOpen) {
  const entry = post ? session.get(post) : undefined;
  const sure = make("span", { class: "share" }, value === undefined || value === null ? "" : score(value));
  if (!entry) return make("li", {}, post ?? "unknown post", " ", sure);
  const open = { type: "button", class: "plain", click: () => onOpen(entry.id), "aria-label": `Open post ${entry.id}` };
  return make("li", {}, make("button", open, entry.id), " ", sure, make("p", { class: "quote", dir: "auto" }, shortened(entry.result.text, 160)));
}
