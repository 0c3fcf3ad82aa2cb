// The tabs, as the ARIA pattern asks: arrows, Home and End move between them.

import { find } from "./dom.js";

/** @type {Map<string, () => void>} */
const onShow = new Map();

const tabs = () => /** @type {HTMLElement[]} */ ([...find("tabs").querySelectorAll("[role=tab]")]);

/** Call `act` whenever a tab is shown. @param {string} name @param {() => void} act */
export function whenShown(name, act) {
  onShow.set(name, act);
}

/** Show a tab by name: extract, batch, graph or correct. @param {string} name */
export function showTab(name, { focus = false } = {}) {
  for (const tab of tabs()) {
    const chosen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    find(/** @type {string} */ (tab.getAttribute("aria-controls"))).hidden = !chosen;
    if (chosen && focus) tab.focus();
  }
  history.replaceState(null, "", `#${name}`);
  onShow.get(name)?.();
}

/** The name of the tab that is shown. */
export function shownTab() {
  return tabs().find((tab) => tab.tabIndex === 0)?.id.slice("tab-".length) ?? "extract";
}

export function startTabs() {
  const names = tabs().map((tab) => tab.id.slice("tab-".length));
  find("tabs").addEventListener("click", (/** @type {any} */ event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) showTab(tab.id.slice("tab-".length));
  });
  find("tabs").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const place = names.indexOf(shownTab());
    const next = {
      ArrowRight: (place + 1) % names.length,
      ArrowLeft: (place + names.length - 1) % names.length,
      Home: 0,
      End: names.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    showTab(names[next], { focus: true });
  });
  const asked = location.hash.slice(1);
  if (names.includes(asked)) showTab(asked);
}
