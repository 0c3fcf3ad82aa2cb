// Posts of a file, one at a time: JSON Lines, plain or gzip, CSV or TSV.

import { csvRows } from "./csv.js";

/** @typedef {{id?: string | number, text?: string, tokens?: string[], alt_text?: string, image?: string, scene_graph?: object}} Post */
/** @typedef {{line: number, post?: Post, problem?: string}} Line */
/** @typedef {Record<string, string>} Columns Fields of a post and the columns that they are in. */

/** The fields of a post that are sent; annotation is not. */
const FIELDS = [
  ...["id", "text", "tokens", "alt_text", "scene_graph"],
  ...["time", "author", "url", "language"],
];

/** Names of columns that are taken for a field. @type {Record<string, string[]>} */
const GUESSES = {
  text: ["text", "tweet", "post", "content", "caption", "message"],
  id: ["id", "tweet_id", "post_id", "tweetid"],
  alt_text: ["alt_text", "alt", "description"],
  image: ["image", "picture", "photo", "img", "image_id"],
};

export const COLUMN_FIELDS = Object.keys(GUESSES);

const MAX_LINE = 4_000_000;

/** Characters that are handed on at once, so that progress is even. */
const PIECE = 4096;

/** The delimiter of a file by its name; null if it is no table. @param {string} name */
export function delimiterOf(name) {
  const plain = name.toLowerCase().replace(/\.gz$/u, "");
  if (plain.endsWith(".csv")) return ",";
  return plain.endsWith(".tsv") ? "\t" : null;
}

/** What is wrong with a file's name; nothing if it can be read. @param {string} name */
export function nameFault(name) {
  if (/\.(jsonl|ndjson|csv|tsv)(\.gz)?$/iu.test(name)) return "";
  return `${name}: expected a file in .jsonl, .jsonl.gz, .csv or .tsv.`;
}

/** The header of a table, and the columns that look like fields. @param {File} file */
export async function headerOf(file) {
  const delimiter = delimiterOf(file.name) ?? ",";
  for await (const { cells } of csvRows(pieces(file, () => {}), delimiter)) {
    const names = cells.map((cell) => cell.trim());
    const lower = names.map((name) => name.toLowerCase());
    /** @type {Columns} */
    const guessed = {};
    for (const [field, wanted] of Object.entries(GUESSES)) {
      const found = wanted.find((name) => lower.includes(name));
      if (found) guessed[field] = names[lower.indexOf(found)];
    }
    return { names, guessed };
  }
  return { names: [], guessed: {} };
}

/**
 * The posts of a file with their lines; a bad line has a problem in place of a post.
 * @param {File} file
 * @param {{columns?: Columns, onRead?: (bytes: number) => void}} [options]
 * @returns {AsyncGenerator<Line>}
 */
export async function* postsOf(file, { columns = {}, onRead = () => {} } = {}) {
  const delimiter = delimiterOf(file.name);
  const text = pieces(file, onRead);
  if (delimiter) yield* postsOfTable(text, delimiter, columns);
  else yield* postsOfLines(text);
}

/** @param {AsyncIterable<string>} text @returns {AsyncGenerator<Line>} */
async function* postsOfLines(text) {
  let number = 0;
  for await (const raw of lines(text)) {
    number += 1;
    if (raw.trim()) yield { line: number, ...parsed(raw) };
  }
}

/** @param {AsyncIterable<string>} text @param {string} delimiter @param {Columns} columns @returns {AsyncGenerator<Line>} */
async function* postsOfTable(text, delimiter, columns) {
  /** @type {string[] | null} */
  let names = null;
  for await (const { cells, line } of csvRows(text, delimiter)) {
    if (!names) {
      names = cells.map((cell) => cell.trim());
      continue;
    }
    if (cells.length === 1 && !cells[0].trim()) continue;
    /** @type {Post} */
    const post = {};
    for (const field of /** @type {("id" | "text" | "alt_text" | "image")[]} */ (COLUMN_FIELDS)) {
      const value = columns[field] ? cells[names.indexOf(columns[field])] : undefined;
      if (value) post[field] = value;
    }
    if (post.text === undefined) yield { line, problem: `no text in column '${columns.text}'` };
    else yield { line, post: { ...post, id: post.id ?? `line-${line}` } };
  }
}

/** @param {string} raw @returns {Omit<Line, "line">} */
function parsed(raw) {
  let value;
  try {
    value = JSON.parse(raw);
  } catch {
    return { problem: "not JSON" };
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return { problem: "expected a JSON object" };
  }
  const post = Object.fromEntries(
    FIELDS.filter((name) => value[name] !== undefined && value[name] !== null).map((name) => [name, value[name]]),
  );
  if (typeof value.image === "string") post.image = value.image;
  if (post.text === undefined && post.tokens === undefined) return { problem: "missing 'text' or 'tokens'" };
  return { post };
}

/** @param {AsyncIterable<string>} text @returns {AsyncGenerator<string>} */
async function* lines(text) {
  let rest = "";
  for await (const piece of text) {
    const found = (rest + piece).split("\n");
    rest = found.pop() ?? "";
    if (rest.length > MAX_LINE) throw new Error(`a line is longer than ${MAX_LINE} characters`);
    yield* found;
  }
  if (rest) yield rest;
}

/**
 * The text of a file in pieces, unzipped where it is gzip.
 * @param {File} file @param {(bytes: number) => void} onRead
 */
async function* pieces(file, onRead) {
  let bytes = 0;
  const counted = new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  /** @type {ReadableStream<any>} */
  let stream = file.stream().pipeThrough(counted);
  if (file.name.toLowerCase().endsWith(".gz")) stream = stream.pipeThrough(new DecompressionStream("gzip"));
  const reader = stream.pipeThrough(new TextDecoderStream("utf-8", { fatal: true })).getReader();
  let before = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const whole = bytes;
      for (let start = 0; start < value.length; start += PIECE) {
        onRead(before + ((whole - before) * start) / value.length);
        yield value.slice(start, start + PIECE);
      }
      before = whole;
    }
  } catch (error) {
    if (error instanceof TypeError) throw new Error("the file is not UTF-8, or its gzip is damaged");
    throw error;
  } finally {
    reader.cancel().catch(() => {});
  }
}
