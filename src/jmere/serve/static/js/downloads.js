// Files that the page gives to the person: results, graphs, annotation.

import { explained, send } from "./api.js";
import { find, freshId, make, say } from "./dom.js";
import { session } from "./session.js";

/** Suffix, media type and name of each format the server writes. */
const FORMATS = {
  ttl: "Turtle",
  nt: "N-Triples",
  jsonld: "JSON-LD",
  graphml: "GraphML",
};

/** @param {string} name @param {Blob} content */
export function download(name, content) {
  const address = URL.createObjectURL(content);
  const link = make("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** JSON Lines of any values. @param {Iterable<unknown>} values */
export function jsonLines(values) {
  const lines = [];
  for (const value of values) lines.push(`${JSON.stringify(value)}\n`);
  return new Blob(lines, { type: "application/x-ndjson" });
}

/**
 * The merged graph of the session, from the server's own merge.
 * @param {string} format `json`, or one of the formats of a file.
 * @param {AbortSignal} [signal]
 */
export async function mergedGraph(format, signal) {
  const results = [];
  for (const { id, text, quintuples } of session.results()) {
    if (quintuples.length) results.push({ id, text, quintuples, entities: [] });
  }
  return send("v1/graph", { json: { results, format }, accept: "*/*", signal });
}

/** Buttons for the results and the graph. @param {string} place The id of an element. */
export function addDownloads(place) {
  const id = freshId("format");
  const formats = make(
    "select",
    { id },
    ...Object.entries(FORMATS).map(([suffix, name]) => make("option", { value: suffix }, name)),
  );
  const message = make("p", { class: "message", role: "status" });
  const results = make(
    "button",
    { type: "button", click: () => download("results.jsonl", jsonLines(session.results())) },
    "Results (.jsonl)",
  );
  const graph = make("button", { type: "button", click: () => getGraph(formats.value, message) }, "Graph");
  const choice = make("span", { class: "joined" }, make("label", { for: id, class: "unseen" }, "Format of the graph"), formats, graph);
  find(place).replaceChildren(results, choice, message);

  const update = () => {
    results.disabled = graph.disabled = formats.disabled = session.size === 0;
  };
  session.addEventListener("change", update);
  update();
}

/** @param {string} format @param {HTMLElement} message */
async function getGraph(format, message) {
  say(message, "Writing the graph…");
  try {
    const response = await mergedGraph(format);
    download(`graph.${format}`, await response.blob());
    say(message);
  } catch (error) {
    say(message, explained(error), "error");
  }
}
