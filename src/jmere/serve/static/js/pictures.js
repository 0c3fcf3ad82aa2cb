// Picture files: chosen, dropped or pasted, shown small, and sent as base64.

import { find, freshId, make } from "./dom.js";
import { megabytes } from "./figures.js";

/** Largest file that is read at all; the server has its own, smaller or larger, limit. */
export const MAX_BYTES = 24 * 1024 * 1024;

/** A picture as a bitmap, upright; null where this browser cannot read it. @param {Blob} file */
export async function bitmapOf(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null;
  }
}

/** The bytes of a file in base64. @param {Blob} file @returns {Promise<string>} */
export function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const address = String(reader.result);
      resolve(address.slice(address.indexOf(",") + 1));
    };
    reader.onerror = () => reject(new Error(`${fileName(file)} cannot be read.`));
    reader.readAsDataURL(file);
  });
}

/** What is wrong with a file as a picture; nothing if it can be tried. @param {File} file */
export function fault(file) {
  if (file.type && !file.type.startsWith("image/")) return `${file.name} is not an image.`;
  if (!file.size) return `${file.name} is empty.`;
  if (file.size > MAX_BYTES) {
    return `${file.name} is too large: ${megabytes(file.size)}; at most ${megabytes(MAX_BYTES)}.`;
  }
  return "";
}

/**
 * A bitmap drawn on a canvas of at most `longest` pixels a side.
 * @param {ImageBitmap} bitmap @param {number} longest @param {string} label
 */
export function drawn(bitmap, longest, label) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = make("canvas", { role: "img", "aria-label": label });
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * A field that takes one file by dropping or choosing; the whole panel is the target of a drop.
 * @param {object} options
 * @param {string} options.label
 * @param {string} options.prompt
 * @param {string} options.accept
 * @param {HTMLElement} options.target Where files may be dropped.
 * @param {(file: File | null) => void | Promise<void>} options.onFile
 */
export function dropField({ label, prompt, accept, target, onFile }) {
  const id = freshId("file");
  const input = make("input", { id, type: "file", accept, class: "unseen" });
  const name = make("span", { class: "file-name" }, prompt);
  const preview = make("span", { class: "preview", "aria-hidden": "true" });
  const remove = make("button", { type: "button", class: "plain", hidden: true }, "Remove");
  const zone = make("label", { class: "drop", for: id }, preview, make("span", {}, make("b", {}, label), name));
  const field = make("div", { class: "file-field" }, input, zone, remove);

  /** @param {File | null} file */
  function use(file) {
    name.textContent = file ? `${file.name}, ${megabytes(file.size)}` : prompt;
    remove.hidden = !file;
    preview.replaceChildren();
    zone.classList.toggle("filled", Boolean(file));
    if (!file) input.value = "";
    return onFile(file);
  }

  input.addEventListener("change", () => use(input.files[0] ?? null));
  remove.addEventListener("click", () => {
    use(null);
    input.focus();
  });
  receiveDrops(target, zone, use);
  return { field, use, show: (/** @type {Node} */ node) => preview.replaceChildren(node) };
}

/** @param {HTMLElement} target @param {HTMLElement} zone @param {(file: File) => void} use */
function receiveDrops(target, zone, use) {
  const held = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  target.addEventListener("dragover", (event) => {
    if (!held(event)) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  target.addEventListener("dragleave", (event) => {
    if (!target.contains(/** @type {Node | null} */ (event.relatedTarget))) zone.classList.remove("over");
  });
  target.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    zone.classList.remove("over");
    if (!file) return;
    event.preventDefault();
    use(file);
  });
}

/** Keep a file that misses its field from replacing the page. */
export function guardDrops() {
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => {
      const within = /** @type {Element} */ (event.target).closest?.("[role=tabpanel]");
      if (!within || within === find("panel-graph") || within === find("panel-correct")) {
        event.preventDefault();
      }
    });
  }
}

/** @param {Blob} file */
function fileName(file) {
  return file instanceof File ? file.name : "The picture";
}
