// What a person points at in one result, so that text, picture and tables show it together.

/**
 * @typedef {object} Target
 * @property {number} [entity]
 * @property {number} [quintuple]
 * @property {number} [object]
 */

export class Pointing extends EventTarget {
  /** @type {Target | null} */
  #pinned = null;

  /** @param {Target | null} target */
  point(target) {
    this.dispatchEvent(new CustomEvent("point", { detail: target ?? this.#pinned ?? {} }));
  }

  /** Keep a target shown until it is chosen again. @param {Target} target */
  pin(target) {
    const same = JSON.stringify(this.#pinned) === JSON.stringify(target);
    this.#pinned = same ? null : target;
    this.point(null);
  }

  /** @param {(target: Target) => void} act */
  follow(act) {
    this.addEventListener("point", (event) => act(/** @type {CustomEvent} */ (event).detail));
  }

  /**
   * Listeners of an element that points at a target by hover, focus and click.
   * @param {Target} target
   */
  listeners(target) {
    return {
      pointerenter: () => this.point(target),
      pointerleave: () => this.point(null),
      focus: () => this.point(target),
      blur: () => this.point(null),
      click: () => this.pin(target),
      keydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        this.pin(target);
      },
    };
  }
}
