// Posts of a file sent in groups, in order; a group that is refused is split.

import { explained, extract, ServerError } from "./api.js";

/** @typedef {import("./post-file.js").Line} Line */
/** @typedef {import("./types.js").Result} Result */
/** @typedef {{post: object, line: number, file: File | null}} Item */

export const GROUP = 16;

/** Posts with pictures that one request holds at most, by the size of its pictures. */
const GROUP_BYTES = 12 * 1024 * 1024;

const MAX_WAIT = 60;
const MAX_TRIES = 20;

/**
 * @typedef {object} Events
 * @property {(result: Result, item: Item) => void} onResult
 * @property {(line: number, problem: string) => void} onProblem
 * @property {(text: string) => void} onWait
 */

/**
 * Extract from all posts of a file.
 * @param {AsyncIterable<Line>} lines
 * @param {object} options
 * @param {(name: string) => Promise<{file: File, image: string} | null>} options.pictureOf
 * @param {AbortSignal} options.signal
 * @param {Events} options.events
 */
export async function runBatch(lines, { pictureOf, signal, events }) {
  /** @type {Item[]} */
  let group = [];
  let bytes = 0;
  const flush = async () => {
    const full = group;
    [group, bytes] = [[], 0];
    if (full.length) await sendGroup(full, signal, events);
  };
  for await (const { line, post, problem } of lines) {
    signal.throwIfAborted();
    if (problem || !post) {
      events.onProblem(line, problem ?? "no post");
      continue;
    }
    const { image, ...rest } = post;
    const found = image ? await pictureOf(image) : null;
    const size = found?.image.length ?? 0;
    if (group.length && bytes + size > GROUP_BYTES) await flush();
    group.push({ line, file: found?.file ?? null, post: found ? { ...rest, image: found.image } : rest });
    bytes += size;
    if (group.length >= GROUP) await flush();
  }
  await flush();
}

/** @param {Item[]} group @param {AbortSignal} signal @param {Events} events */
async function sendGroup(group, signal, events) {
  try {
    const results = await patiently(group, signal, events);
    results.forEach((result, place) => events.onResult(result, group[place]));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (group.length === 1) {
      events.onProblem(group[0].line, explained(error).replace(/posts\[0\]\.?/u, ""));
      return;
    }
    const half = group.length >> 1;
    await sendGroup(group.slice(0, half), signal, events);
    await sendGroup(group.slice(half), signal, events);
  }
}

/**
 * Send a group, and again after the time that a busy server names.
 * @param {Item[]} group @param {AbortSignal} signal @param {Events} events
 */
async function patiently(group, signal, events) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await extract(group.map((item) => item.post), signal);
    } catch (error) {
      const busy = error instanceof ServerError && [429, 503].includes(error.status);
      if (!busy || tries >= MAX_TRIES) throw error;
      const seconds = Math.min(MAX_WAIT, Math.max(1, error.wait));
      events.onWait(`The server is busy; the next try is in ${seconds} s.`);
      await pause(seconds, signal);
    }
  }
}

/** Whether the server finds fault with the posts, not with itself. @param {unknown} error */
function isRefusal(error) {
  return error instanceof ServerError && [400, 413, 415, 422].includes(error.status);
}

/** @param {number} seconds @param {AbortSignal} signal @returns {Promise<void>} */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 1000 * seconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
