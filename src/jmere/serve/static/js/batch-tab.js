// The tab that extracts from a file of posts.

import { explained } from "./api.js";
import { runBatch } from "./batch.js";
import { find, make, say } from "./dom.js";
import { addDownloads } from "./downloads.js";
import { count, plural } from "./figures.js";
import { base64, dropField, fault } from "./pictures.js";
import { COLUMN_FIELDS, delimiterOf, headerOf, nameFault, postsOf } from "./post-file.js";
import { postList } from "./post-list.js";
import { MAX_POSTS, session } from "./session.js";

const SHOWN_PROBLEMS = 200;
const ANNOUNCED = 3000;

/** @type {File | null} */
let file = null;

/** @type {AbortController | null} */
let running = null;

/** @param {{onOpen: (id: string) => void}} options */
export function startBatch({ onOpen }) {
  const { field } = dropField({
    label: "File",
    prompt: "Drop or choose a file",
    accept: ".jsonl,.ndjson,.gz,.csv,.tsv",
    target: find("panel-batch"),
    onFile: useFile,
  });
  find("batch-file").append(field);
  find("batch-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!running) run();
  });
  find("cancel").addEventListener("click", () => running?.abort());
  addDownloads("batch-download");
  postList(find("batch-posts"), { tab: "batch", action: "Open", onChoose: onOpen });
}

/** @param {File | null} chosen */
async function useFile(chosen) {
  const message = find("batch-message");
  if (running) {
    say(message, "Wait for the file in progress, or cancel it.", "error");
    return;
  }
  file = null;
  find("start").disabled = true;
  find("columns").hidden = true;
  say(message);
  if (!chosen) return;
  const problem = nameFault(chosen.name) || (chosen.size ? "" : `${chosen.name} is empty.`);
  if (problem) {
    say(message, problem, "error");
    return;
  }
  try {
    if (delimiterOf(chosen.name)) await offerColumns(chosen);
    file = chosen;
    find("start").disabled = false;
  } catch (error) {
    say(message, `${chosen.name}: ${explained(error)}`, "error");
  }
}

/** @param {File} table */
async function offerColumns(table) {
  const { names, guessed } = await headerOf(table);
  for (const field of COLUMN_FIELDS) {
    const none = field === "text" ? [] : [make("option", { value: "" }, "none")];
    const options = names.map((name) => make("option", { value: name }, name));
    const select = find(`column-${field}`);
    select.replaceChildren(...none, ...options);
    select.value = guessed[field] ?? (field === "text" ? names[0] ?? "" : "");
  }
  find("columns").hidden = false;
}

function chosenColumns() {
  return Object.fromEntries(COLUMN_FIELDS.map((field) => [field, find(`column-${field}`).value]));
}

async function run() {
  if (!file) return;
  const source = file;
  const control = new AbortController();
  running = control;
  const progress = new Progress(source);
  setRunning(true);
  try {
    const lines = postsOf(source, {
      columns: chosenColumns(),
      onRead: (bytes) => progress.read(bytes),
    });
    await runBatch(lines, { pictureOf: pictureFinder(), signal: control.signal, events: progress });
    progress.end(`Finished ${source.name}: ${progress.summary()}.`);
  } catch (error) {
    if (control.signal.aborted) progress.end(`Cancelled: ${progress.summary()} are kept.`);
    else progress.end(`${explained(error)} ${progress.summary()} are kept.`, "error");
  } finally {
    running = null;
    setRunning(false);
  }
}

/** @param {boolean} on */
function setRunning(on) {
  find("start").hidden = on;
  find("cancel").hidden = !on;
  find(on ? "cancel" : "start").focus();
}

/** Finds a chosen picture by the file name at the end of a path. */
function pictureFinder() {
  const files = new Map([...find("pictures").files].map((each) => [each.name, each]));
  return async (/** @type {string} */ path) => {
    const found = files.get(path.slice(path.lastIndexOf("/") + 1));
    if (!found || fault(found)) return null;
    return { file: found, image: await base64(found) };
  };
}

/** The figures of a run, shown as it goes and told to screen readers now and then. */
class Progress {
  posts = 0;
  quintuples = 0;
  problems = 0;
  #started = performance.now();
  #told = performance.now();
  #bytes = 0;

  /** @param {File} source */
  constructor(source) {
    this.source = source;
    find("problem-list").replaceChildren();
    find("problems").hidden = true;
    say(find("batch-message"), `Reading ${source.name}…`);
    this.#show();
  }

  /** @param {number} bytes */
  read(bytes) {
    this.#bytes = bytes;
  }

  /** @param {import("./types.js").Result} result @param {import("./batch.js").Item} item */
  onResult(result, item) {
    if (session.size >= MAX_POSTS) {
      throw new Error(`This page holds ${count(MAX_POSTS)} posts. For more, use jmere extract.`);
    }
    const altText = /** @type {any} */ (item.post).alt_text ?? "";
    session.add(result, { picture: item.file, altText });
    this.posts += 1;
    this.quintuples += result.quintuples.length;
    this.#show();
  }

  /** @param {number} line @param {string} problem */
  onProblem(line, problem) {
    this.problems += 1;
    find("problems").hidden = false;
    if (this.problems <= SHOWN_PROBLEMS) {
      find("problem-list").append(make("li", {}, `line ${count(line)}: ${problem}`));
    }
    this.#show();
  }

  /** @param {string} text */
  onWait(text) {
    say(find("batch-message"), text);
  }

  /** @param {string} text @param {string} [kind] */
  end(text, kind = "") {
    say(find("batch-message"), text, kind);
    if (!kind && text.startsWith("Finished")) find("progress").value = 1;
    find("count-rate").textContent = count(Math.round(this.#rate()));
  }

  summary() {
    const problems = this.problems ? `, ${plural(this.problems, "problem")}` : "";
    return `${plural(this.posts, "post")}, ${plural(this.quintuples, "quintuple")}${problems}`;
  }

  #rate() {
    return (1000 * this.posts) / Math.max(1, performance.now() - this.#started);
  }

  #show() {
    find("count-posts").textContent = count(this.posts);
    find("count-quintuples").textContent = count(this.quintuples);
    find("count-problems").textContent = count(this.problems);
    find("count-rate").textContent = count(Math.round(this.#rate()));
    find("progress").value = Math.min(0.99, this.#bytes / this.source.size);
    if (performance.now() - this.#told > ANNOUNCED) {
      this.#told = performance.now();
      say(find("batch-message"), `${this.summary()} so far.`);
    }
  }
}
