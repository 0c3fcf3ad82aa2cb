// The posts of the session: searched, in pages, each with one action.

import { freshId, make } from "./dom.js";
import { session } from "./session.js";
import { table } from "./table.js";
import { whenShown } from "./tabs.js";

/** @typedef {import("./session.js").Entry} Entry */

/**
 * @param {HTMLElement} place
 * @param {object} options
 * @param {string} options.tab The tab that shows the list.
 * @param {string} options.action What the button of a post says.
 * @param {(id: string) => void} options.onChoose
 * @param {(entry: Entry) => string} [options.state]
 */
export function postList(place, { tab, action, onChoose, state }) {
  const id = freshId("search");
  const search = make("input", { id, type: "search", autocomplete: "off" });
  const list = make("div");
  const position = { page: 0 };
  const label = make("label", { for: id }, "Search in ids and texts");
  place.replaceChildren(make("div", { class: "search" }, label, search), list);

  function show() {
    const wanted = search.value.trim().toLowerCase();
    const rows = session.entries().filter(({ id: name, result }) =>
      !wanted || name.toLowerCase().includes(wanted) || result.text.toLowerCase().includes(wanted));
    const empty = session.size ? "No post matches." : "No posts yet.";
    list.replaceChildren(table({ caption: "Posts of this session", columns: columns(), rows, empty, size: 10, position }));
  }

  /** @returns {import("./table.js").Column<Entry>[]} */
  function columns() {
    return [
      {
        name: "Post",
        cell: ({ id: name, result }) =>
          make("span", { class: "post-line" }, make("b", {}, name), " ", shortened(result.text, 90)),
      },
      state
        ? { name: "State", cell: state }
        : { name: "Quintuples", number: true, cell: ({ result }) => String(result.quintuples.length) },
      {
        name: action,
        hidden: true,
        cell: ({ id: name }) =>
          make(
            "button",
            { type: "button", "aria-label": `${action} ${name}`, click: () => onChoose(name) },
            action,
          ),
      },
    ];
  }

  let due = false;
  const later = () => {
    if (place.closest("[hidden]") || due) return;
    due = true;
    setTimeout(() => {
      due = false;
      show();
    }, 250);
  };
  search.addEventListener("input", () => {
    position.page = 0;
    later();
  });
  session.addEventListener("change", later);
  whenShown(tab, show);
  show();
}

/** @param {string} text @param {number} most */
export function shortened(text, most) {
  const line = text.replace(/\s+/gu, " ").trim();
  const characters = [...line.slice(0, 2 * most)];
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : line;
}
