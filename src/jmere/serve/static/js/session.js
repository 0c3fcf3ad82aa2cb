// The results of this session, in memory only; views listen for "change".

import { Corrections } from "./corrections.js";

/** @typedef {import("./types.js").Result} Result */

/**
 * @typedef {object} Entry
 * @property {string} id Unique in the session.
 * @property {Result} result
 * @property {File | null} picture
 * @property {string} altText
 * @property {Corrections | null} corrections
 */

/** Most posts that one session holds. */
export const MAX_POSTS = 50_000;

class Session extends EventTarget {
  /** @type {Map<string, Entry>} */
  #entries = new Map();

  get size() {
    return this.#entries.size;
  }

  /** @returns {Entry[]} */
  entries() {
    return [...this.#entries.values()];
  }

  /** @param {string} id */
  get(id) {
    return this.#entries.get(id);
  }

  /**
   * Add a result, or replace that of the same post.
   * @param {Result} result
   * @param {{picture?: File | null, altText?: string}} [beside]
   */
  add(result, { picture = null, altText = "" } = {}) {
    const id = this.#idFor(result);
    const entry = { id, result: { ...result, id }, picture, altText, corrections: null };
    this.#entries.set(id, entry);
    this.changed();
    return entry;
  }

  /** The corrections of an entry, begun where there are none. @param {Entry} entry */
  correct(entry) {
    entry.corrections ??= new Corrections(entry.result);
    return entry.corrections;
  }

  /** The results with corrections applied. */
  *results() {
    for (const entry of this.#entries.values()) {
      const { corrections } = entry;
      yield corrections?.changed ? corrections.result(entry.result) : entry.result;
    }
  }

  clear() {
    this.#entries.clear();
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  /** @param {Result} result */
  #idFor(result) {
    const wanted = result.id || `post-${this.size + 1}`;
    let id = wanted;
    for (let number = 2; ; number += 1) {
      const other = this.#entries.get(id);
      if (!other || other.result.text === result.text) return id;
      id = `${wanted}#${number}`;
    }
  }
}

export const session = new Session();
