// The page: its tabs, the model's name, and the prompt for a key.

import { useKeyPrompt } from "./api.js";
import { startBatch } from "./batch-tab.js";
import { correctPost, startCorrect } from "./correct-tab.js";
import { find } from "./dom.js";
import { openPost, startExtract } from "./extract-tab.js";
import { startGraph } from "./graph-tab.js";
import { model } from "./model.js";
import { guardDrops } from "./pictures.js";
import { session } from "./session.js";
import { startTabs } from "./tabs.js";

/** @type {Promise<string> | null} */
let prompt = null;

/** Ask for a key once, however many requests want one. @returns {Promise<string>} */
function askForKey() {
  prompt ??= new Promise((resolve) => {
    const dialog = find("key-dialog");
    dialog.returnValue = "";
    dialog.addEventListener(
      "close",
      () => {
        const given = dialog.returnValue === "use" ? find("key").value.trim() : "";
        find("key").value = "";
        prompt = null;
        resolve(given);
      },
      { once: true },
    );
    dialog.showModal();
  });
  return prompt;
}

async function showModel() {
  const place = find("model");
  try {
    const { model: name, version } = await model();
    place.textContent = `${name === "default" ? "bundled model" : name} · ${version}`;
  } catch {
    place.textContent = "no model";
  }
}

useKeyPrompt(askForKey);
startExtract({ onCorrect: correctPost });
startBatch({ onOpen: openPost });
startGraph({ onOpen: openPost });
startCorrect();
startTabs();
guardDrops();
showModel();
window.addEventListener("beforeunload", (event) => {
  if (session.entries().some((entry) => entry.corrections?.changed)) event.preventDefault();
});
