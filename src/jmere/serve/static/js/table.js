// A table in pages, with a caption and one header cell per column.

import { make } from "./dom.js";
import { count } from "./figures.js";

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} name
 * @property {(row: Row, index: number) => import("./dom.js").Child} cell
 * @property {boolean} [number] Whether the cells are numbers.
 * @property {boolean} [minor] Whether a phone leaves it out.
 * @property {boolean} [hidden] Whether the name is for screen readers alone.
 */

/**
 * @template Row
 * @param {object} options
 * @param {string} options.caption
 * @param {Column<Row>[]} options.columns
 * @param {Row[]} options.rows
 * @param {string} options.empty What to say without rows.
 * @param {number} [options.size] Rows of a page.
 * @param {{page: number}} [options.position] Kept by a caller that makes the table anew.
 * @param {(element: HTMLElement, row: Row, index: number) => void} [options.onRow]
 * @returns {HTMLElement}
 */
export function table({ caption, columns, rows, empty, size = 25, position = { page: 0 }, onRow }) {
  if (!rows.length) return make("p", { class: "help" }, empty);
  const body = make("tbody");
  const head = make("tr", {}, ...columns.map(headerCell));
  const whole = make(
    "table",
    {},
    make("caption", { class: "unseen" }, caption),
    make("thead", {}, head),
    body,
  );
  const frame = make("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": caption });
  frame.append(whole);
  const pages = Math.ceil(rows.length / size);
  let page = Math.min(position.page, pages - 1);

  const range = make("span", { "aria-live": "polite" });
  const back = make("button", { type: "button", click: () => turn(-1) }, "Previous");
  const next = make("button", { type: "button", click: () => turn(1) }, "Next");

  function show() {
    const first = page * size;
    const shown = rows.slice(first, first + size);
    body.replaceChildren(
      ...shown.map((row, place) => {
        const index = first + place;
        const cells = columns.map((column) =>
          make("td", { class: kindOf(column) }, column.cell(row, index)),
        );
        const line = make("tr", {}, ...cells);
        onRow?.(line, row, index);
        return line;
      }),
    );
    position.page = page;
    range.textContent = `${count(first + 1)} to ${count(first + shown.length)} of ${count(rows.length)}`;
    back.disabled = page === 0;
    next.disabled = page === pages - 1;
  }

  /** @param {number} step */
  function turn(step) {
    page = Math.max(0, Math.min(pages - 1, page + step));
    show();
  }

  show();
  if (pages === 1) return frame;
  const steps = make("nav", { class: "pages", "aria-label": `Pages: ${caption}` }, back, range, next);
  return make("div", {}, frame, steps);
}

/** @param {{name: string, number?: boolean, minor?: boolean, hidden?: boolean}} column */
function headerCell(column) {
  const text = column.hidden ? make("span", { class: "unseen" }, column.name) : column.name;
  return make("th", { scope: "col", class: kindOf(column) }, text);
}

/** @param {{number?: boolean, minor?: boolean}} column */
function kindOf({ number, minor }) {
  return [number && "number", minor && "minor"].filter(Boolean).join(" ") || false;
}
