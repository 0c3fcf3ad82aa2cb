// The tab that extracts from one post.

import { explained, extract } from "./api.js";
import { find, say } from "./dom.js";
import { duration, plural } from "./figures.js";
import { base64, bitmapOf, drawn, dropField, fault } from "./pictures.js";
import { showResult } from "./result-view.js";
import { session } from "./session.js";
import { showTab } from "./tabs.js";

const EXAMPLE = "Stephen Curry and Klay Thompson lead the Golden State Warriors to the NBA title";
const EXAMPLE_PICTURE = "two men in jerseys holding a trophy on a basketball court";

/** @type {File | null} */
let picture = null;

/** @type {(id: string) => void} */
let onCorrect = () => {};

/** @param {{onCorrect: (id: string) => void}} options */
export function startExtract(options) {
  onCorrect = options.onCorrect;
  const form = find("extract-form");
  const field = dropField({
    label: "Picture",
    prompt: "Drop, paste or choose a picture",
    accept: "image/*",
    target: find("panel-extract"),
    onFile: (file) => usePicture(file, field),
  });
  find("picture-field").append(field.field);

  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    run();
  });
  find("text").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    }
  });
  find("panel-extract").addEventListener("paste", (/** @type {ClipboardEvent} */ event) => {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    field.use(file);
  });
  find("example").addEventListener("click", () => {
    field.use(null);
    find("text").value = EXAMPLE;
    find("alt-text").value = EXAMPLE_PICTURE;
    run();
  });
  find("clear").addEventListener("click", () => {
    field.use(null);
    form.reset();
    find("extract-result").replaceChildren();
    say(find("extract-message"));
    find("text").focus();
  });
}

/** Show a result of the session in this tab. @param {string} id */
export async function openPost(id) {
  const entry = session.get(id);
  if (!entry) return;
  find("text").value = entry.result.text;
  find("alt-text").value = entry.altText;
  say(find("extract-message"));
  showTab("extract");
  await showResult(find("extract-result"), entry, { onCorrect: () => onCorrect(id) });
  find("extract-result").scrollIntoView({ block: "nearest" });
}

/** @param {File | null} file @param {ReturnType<typeof dropField>} field */
async function usePicture(file, field) {
  const message = find("extract-message");
  picture = null;
  say(message);
  if (!file) return;
  const problem = fault(file);
  if (problem) {
    await field.use(null);
    say(message, problem, "error");
    return;
  }
  picture = file;
  const bitmap = await bitmapOf(file);
  if (bitmap && picture === file) field.show(drawn(bitmap, 160, file.name));
  bitmap?.close();
}

/** The run in progress; a newer one ends it. @type {AbortController | null} */
let running = null;

async function run() {
  const text = find("text").value.trim() ? find("text").value : "";
  const altText = find("alt-text").value.trim();
  const message = find("extract-message");
  if (!text && !picture) {
    say(message, "Type a text, or add a picture.", "error");
    find("text").focus();
    return;
  }
  running?.abort();
  const control = new AbortController();
  running = control;
  const used = picture;
  say(message, "Extracting…");
  find("extract-form").setAttribute("aria-busy", "true");
  try {
    const started = performance.now();
    const [result] = await extract([await postOf(text, altText, used)], control.signal);
    const entry = session.add(result, { picture: used, altText });
    say(message, `${summary(result)} in ${duration(performance.now() - started)}.`);
    await showResult(find("extract-result"), entry, { onCorrect: () => onCorrect(entry.id) });
    if (used && !(result.scene_graph?.objects ?? []).length && result.warnings?.length) {
      say(message, result.warnings[0], "error");
    }
  } catch (error) {
    if (!control.signal.aborted) say(message, explained(error), "error");
  } finally {
    if (running === control) {
      running = null;
      find("extract-form").removeAttribute("aria-busy");
    }
  }
}

/** @param {string} text @param {string} altText @param {File | null} file */
async function postOf(text, altText, file) {
  const taken = new Set(session.entries().map((entry) => entry.id));
  let number = session.size + 1;
  while (taken.has(`post-${number}`)) number += 1;
  return {
    id: `post-${number}`,
    text,
    ...(altText ? { alt_text: altText } : {}),
    ...(file ? { image: await base64(file) } : {}),
  };
}

/** @param {import("./types.js").Result} result */
function summary({ quintuples, entities, scene_graph: scene }) {
  const parts = [
    plural(quintuples.length, "quintuple"),
    plural(entities.length, "entity", "entities"),
    scene ? plural(scene.objects.length, "object") : "",
  ];
  return parts.filter(Boolean).join(", ");
}
