// Requests to the server, and its errors.

/** @typedef {import("./types.js").Result} Result */

/** An answer of the server that is an error, or none at all. */
export class ServerError extends Error {
  /**
   * @param {string} message
   * @param {{status?: number, code?: string, where?: string, wait?: number}} [details]
   */
  constructor(message, details = {}) {
    super(message);
    this.status = details.status ?? 0;
    this.code = details.code ?? "";
    this.where = details.where ?? "";
    /** Seconds to wait before the next try. */
    this.wait = details.wait ?? 0;
  }
}

let key = "";

/** How a key is asked for; set by the page. @type {() => Promise<string>} */
let askForKey = async () => "";

/** @param {() => Promise<string>} ask */
export function useKeyPrompt(ask) {
  askForKey = ask;
}

/**
 * Send a request and return the response; anything but success is thrown.
 * @param {string} path
 * @param {{json?: unknown, accept?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<Response>}
 */
export async function send(path, { json, accept = "application/json", signal } = {}) {
  const response = await reach(path, json, accept, signal);
  if (response.ok) return response;
  if (response.status === 401) {
    const given = await askForKey();
    if (given) {
      key = given;
      return send(path, { json, accept, signal });
    }
  }
  throw await failure(response);
}

/**
 * Extract from posts.
 * @param {object[]} posts
 * @param {AbortSignal} [signal]
 * @returns {Promise<Result[]>}
 */
export async function extract(posts, signal) {
  const response = await send("v1/extract", { json: { posts }, signal });
  const body = await response.json();
  if (!Array.isArray(body?.results) || body.results.length !== posts.length) {
    throw new ServerError("The server's answer has not one result for each post.");
  }
  return body.results;
}

/** @param {string} path @param {unknown} json @param {string} accept @param {AbortSignal} [signal] */
async function reach(path, json, accept, signal) {
  /** @type {Record<string, string>} */
  const headers = { Accept: accept };
  if (key) headers.Authorization = `Bearer ${key}`;
  if (json !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch(path, {
      method: json === undefined ? "GET" : "POST",
      headers,
      body: json === undefined ? undefined : JSON.stringify(json),
      signal,
      cache: "no-store",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ServerError("The server cannot be reached. Is jmere serve still running?");
  }
}

/** @param {Response} response */
async function failure(response) {
  let error;
  try {
    error = (await response.json()).error;
  } catch {
    error = null;
  }
  const wait = Number(response.headers.get("Retry-After"));
  const message = typeof error?.message === "string" ? error.message : response.statusText;
  return new ServerError(message || `status ${response.status}`, {
    status: response.status,
    code: String(error?.code ?? ""),
    where: String(error?.where ?? ""),
    wait: Number.isFinite(wait) ? wait : 0,
  });
}

/** One sentence for a person about any error. @param {unknown} error */
export function explained(error) {
  if (!(error instanceof ServerError)) return error instanceof Error ? error.message : String(error);
  const known = /** @type {Record<number, string>} */ ({
    401: "The server wants an API key.",
    413: "Too large for this server.",
    429: "The server is busy. Try again in a moment.",
    503: "The server is not ready. Try again in a moment.",
    500: "The server failed.",
  });
  const start = known[error.status] ?? "";
  const where = error.where ? `${error.where}: ` : "";
  const detail = error.message ? `${where}${error.message}` : "";
  return [start, detail].filter(Boolean).join(" ");
}
