// The model of the server: its tags and the limits of a request.

import { send } from "./api.js";

/**
 * @typedef {{model: string, version: string, entity_types: string[], relations: string[],
 *   limits: Record<string, number>}} Model
 */

/** @type {Promise<Model> | null} */
let asked = null;

/** What the server says about its model; asked again after an error. @returns {Promise<Model>} */
export function model() {
  asked ??= ask();
  asked.catch(() => {
    asked = null;
  });
  return asked;
}

/** The tags of the model, and those given that it lacks. @param {"entity_types" | "relations"} kind @param {string[]} used */
export async function tagsWith(kind, used) {
  let known = /** @type {string[]} */ ([]);
  try {
    known = (await model())[kind] ?? [];
  } catch {
    // Without the model's, the tags in use have to do.
  }
  return [...new Set([...known, ...used])];
}

/** @returns {Promise<Model>} */
async function ask() {
  for (let tries = 0; ; tries += 1) {
    try {
      return await (await send("v1/model")).json();
    } catch (error) {
      const status = /** @type {any} */ (error).status;
      if (status !== 503 || tries >= 60) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
