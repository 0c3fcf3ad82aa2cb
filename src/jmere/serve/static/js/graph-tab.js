// The tab with the merged graph of the session.

import { explained } from "./api.js";
import { entityChip, relationName, scoreBar } from "./chips.js";
import { find, freshId, make, say } from "./dom.js";
import { addDownloads, mergedGraph } from "./downloads.js";
import { showEvidence, showNothing } from "./evidence.js";
import { plural } from "./figures.js";
import { drawnPart, filtered } from "./graph-filter.js";
import { drawNetwork, nodeClass } from "./network.js";
import { session } from "./session.js";
import { table } from "./table.js";
import { shownTab, whenShown } from "./tabs.js";

/** @typedef {import("./types.js").Graph} Graph */
/** @typedef {import("./types.js").GraphEdge} GraphEdge */

/** Most edges that are drawn with their relation. */
const MAX_LABELS = 120;

/** @type {Graph} */
let graph = { nodes: [], edges: [] };
let stale = true;

/** Types and relations that are switched off. */
const off = { types: new Set(), relations: new Set() };

/** @type {any} */
let network = null;

/** @type {(id: string) => void} */
let open = () => {};

/** @param {{onOpen: (id: string) => void}} options */
export function startGraph({ onOpen }) {
  open = onOpen;
  addDownloads("graph-download");
  showNothing();
  session.addEventListener("change", () => {
    stale = true;
    if (shownTab() === "graph") load();
  });
  whenShown("graph", load);
  const filters = find("graph-filters");
  filters.addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
  filters.addEventListener("input", () => {
    find("graph-score-value").textContent = Number(find("graph-score").value).toFixed(2);
    soon();
  });
  find("zoom-in").addEventListener("click", () => zoom(1.3));
  find("zoom-out").addEventListener("click", () => zoom(1 / 1.3));
  find("zoom-fit").addEventListener("click", () => network?.fit(undefined, 30));
}

/** @type {AbortController | null} */
let loading = null;

async function load() {
  if (!stale) return;
  stale = false;
  loading?.abort();
  const control = new AbortController();
  loading = control;
  const message = find("graph-message");
  try {
    if (session.size) say(message, "Merging…");
    graph = session.size ? await (await mergedGraph("json", control.signal)).json() : { nodes: [], edges: [] };
    say(message);
    offer("types", graph.nodes.map((node) => node.type));
    offer("relations", graph.edges.map((edge) => edge.relation));
    await show();
  } catch (error) {
    if (control.signal.aborted) return;
    stale = true;
    say(message, explained(error), "error");
  }
}

/** A switch for each name, with its number. @param {"types" | "relations"} kind @param {string[]} names */
function offer(kind, names) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort((one, other) => other[1] - one[1]);
  const chips = sorted.map(([name, count]) => {
    const id = freshId("filter");
    const box = make("input", { id, type: "checkbox", checked: !off[kind].has(name) });
    box.addEventListener("change", () => off[kind][box.checked ? "delete" : "add"](name));
    return make("label", { for: id, class: "chip" }, box, name, make("span", { class: "share" }, count));
  });
  find(`graph-${kind}`).replaceChildren(...(chips.length ? chips : [make("span", { class: "help" }, "None yet.")]));
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function soon() {
  clearTimeout(timer);
  timer = setTimeout(show, 200);
}

async function show() {
  const found = filtered(graph, {
    search: find("graph-search").value,
    score: Number(find("graph-score").value),
    posts: Math.max(1, Number(find("graph-posts").value) || 1),
    ...off,
  });
  listEdges(found);
  await draw(found);
}

/** @param {ReturnType<typeof filtered>} found */
function listEdges({ edges, nodes }) {
  const chip = (/** @type {string} */ id) => {
    const node = nodes.get(id);
    return node ? entityChip({ text: node.label, type: node.type }) : id;
  };
  const empty = graph.edges.length ? "No relation passes the filters." : "No relations yet: extract from a post, or from a file.";
  find("edges").replaceChildren(
    table({
      caption: "Relations of the graph",
      columns: [
        { name: "Head", cell: (edge) => chip(edge.head) },
        { name: "Relation", cell: (edge) => relationName(edge.relation) },
        { name: "Tail", cell: (edge) => chip(edge.tail) },
        { name: "Score", number: true, minor: true, cell: (edge) => scoreBar(edge.score) },
        { name: "Posts", number: true, minor: true, cell: (edge) => String(edge.evidence.length) },
        {
          name: "Evidence",
          hidden: true,
          cell: (edge) =>
            make("button", { type: "button", click: () => choose(edge, nodes, true) }, "Evidence"),
        },
      ],
      rows: edges,
      empty,
      size: 15,
    }),
  );
}

/** @param {ReturnType<typeof filtered>} found */
async function draw({ edges, nodes }) {
  const container = find("network");
  const part = drawnPart(edges, nodes);
  const size = `${plural(part.nodes.length, "entity", "entities")} and ${plural(part.edges.length, "relation")}`;
  container.setAttribute("aria-label", `Graph of ${size}; listed in the table below`);
  const more = part.left ? `; ${plural(part.left, "entity", "entities")} with fewer relations are in the table only` : "";
  find("network-note").textContent = part.nodes.length ? `${size}${more}. Click one for its evidence.` : "";
  network?.destroy();
  network = null;
  if (!part.nodes.length) return;
  const elements = [
    ...part.nodes.map(({ node, degree }) => ({
      data: { id: `n:${node.id}`, key: node.id, label: node.label, size: Math.min(46, 14 + 5 * Math.sqrt(degree)) },
      classes: nodeClass(node.type),
    })),
    ...part.edges.map((edge, index) => ({
      data: {
        id: `e:${index}`,
        index,
        source: `n:${edge.head}`,
        target: `n:${edge.tail}`,
        label: edge.relation,
        width: Math.min(5, 1 + 0.6 * edge.evidence.length),
      },
      classes: part.edges.length > MAX_LABELS ? "unlabelled" : "",
    })),
  ];
  const layout = {
    name: "cose",
    nodeRepulsion: () => 30_000,
    idealEdgeLength: () => 70,
    nodeOverlap: 30,
    componentSpacing: 40,
    numIter: part.nodes.length > 60 ? 300 : 1000,
  };
  const drawing = await drawNetwork(container, elements, { layout });
  network?.destroy();
  network = drawing;
  drawing.on("tap", "edge", (/** @type {any} */ event) => choose(part.edges[event.target.data("index")], nodes));
  drawing.on("tap", "node", (/** @type {any} */ event) => {
    const key = event.target.data("key");
    const own = edges.filter((edge) => edge.head === key || edge.tail === key);
    showEvidence({ node: nodes.get(key), edges: own, nodes, onOpen: open });
    highlight(event.target.closedNeighborhood());
  });
  drawing.on("tap", (/** @type {any} */ event) => {
    if (event.target !== drawing) return;
    drawing.elements().removeClass("faded");
    showNothing();
  });
}

/**
 * Show the evidence of an edge, and the edge in the drawing.
 * @param {GraphEdge} edge @param {Map<string, import("./types.js").GraphNode>} nodes @param {boolean} [focus]
 */
function choose(edge, nodes, focus = false) {
  showEvidence({ edges: [edge], nodes, onOpen: open });
  const own = network?.edges().filter(
    (/** @type {any} */ each) =>
      each.data("label") === edge.relation &&
      each.data("source") === `n:${edge.head}` &&
      each.data("target") === `n:${edge.tail}`,
  );
  if (own?.length) highlight(own.union(own.connectedNodes()));
  if (focus) find("evidence-heading").focus();
}

/** @param {any} elements */
function highlight(elements) {
  network.elements().addClass("faded");
  elements.removeClass("faded");
}

/** @param {number} factor */
function zoom(factor) {
  const container = find("network");
  const middle = { x: container.clientWidth / 2, y: container.clientHeight / 2 };
  network?.zoom({ level: network.zoom() * factor, renderedPosition: middle });
}
