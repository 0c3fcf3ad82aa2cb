// Offsets of results count characters (code points); JavaScript counts UTF-16 units.

export class Characters {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    /** UTF-16 index of every character, and the end. @type {number[] | null} */
    this.starts = null;
    const starts = [0];
    for (const character of text) starts.push(starts[starts.length - 1] + character.length);
    this.length = starts.length - 1;
    if (this.length !== text.length) this.starts = starts;
  }

  /** The UTF-16 index of a character. @param {number} offset */
  index(offset) {
    const within = Math.max(0, Math.min(offset, this.length));
    return this.starts ? this.starts[within] : within;
  }

  /** The character at a UTF-16 index. @param {number} index */
  offset(index) {
    if (!this.starts) return Math.max(0, Math.min(index, this.length));
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param {number} start @param {number} end */
  slice(start, end) {
    return this.text.slice(this.index(start), this.index(end));
  }
}

const WORD = /[\p{L}\p{N}\p{M}_]/u;

/**
 * Widen a span of characters to whole words and take off spaces around it; null if none is left.
 * @param {Characters} text @param {number} start @param {number} end
 */
export function wholeWords(text, start, end) {
  const at = (/** @type {number} */ place) => text.slice(place, place + 1);
  while (start < end && !at(start).trim()) start += 1;
  while (end > start && !at(end - 1).trim()) end -= 1;
  if (start >= end) return null;
  while (start > 0 && WORD.test(at(start)) && WORD.test(at(start - 1))) start -= 1;
  while (end < text.length && WORD.test(at(end)) && WORD.test(at(end - 1))) end += 1;
  return { start, end };
}
