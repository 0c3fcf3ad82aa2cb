// The tab in which a person corrects results and downloads them as annotation.

import { Characters, wholeWords } from "./characters.js";
import { entityChip, scoreBar } from "./chips.js";
import { find, freshId, make, say } from "./dom.js";
import { download, jsonLines } from "./downloads.js";
import { plural } from "./figures.js";
import { tagsWith } from "./model.js";
import { postList } from "./post-list.js";
import { card } from "./result-view.js";
import { session } from "./session.js";
import { table } from "./table.js";
import { showTab } from "./tabs.js";
import { markedText } from "./text-view.js";

/** @typedef {import("./session.js").Entry} Entry */
/** @typedef {import("./corrections.js").Corrections} Corrections */

/** @type {string | null} */
let shown = null;

export function startCorrect() {
  const state = (/** @type {Entry} */ { corrections }) =>
    corrections?.checked ? "checked" : corrections?.changed ? "changed" : "";
  postList(find("correct-posts"), { tab: "correct", action: "Correct", onChoose: correctPost, state });
  find("annotation-download").addEventListener("click", save);
  session.addEventListener("change", () => {
    if (shown && !session.get(shown)) shown = null;
    count();
  });
  find("correct-post").replaceChildren(make("p", { class: "card help" }, "Choose a post to correct."));
}

/** Show a post to correct. @param {string} id */
export async function correctPost(id) {
  shown = id;
  showTab("correct");
  await show();
  find("correct-post").querySelector("h2")?.focus();
}

/** Posts that go into the annotation file. */
function annotated() {
  return session.entries().filter(({ corrections }) => corrections?.checked || corrections?.changed);
}

function count() {
  const posts = annotated().length;
  find("annotation-download").disabled = !posts;
  find("annotation-download").textContent = posts ? `Download ${plural(posts, "post")}` : "Download";
}

function save() {
  const entries = annotated();
  const posts = entries.map(({ corrections, result, altText, picture }) =>
    /** @type {Corrections} */ (corrections).post(result, { altText, image: picture?.name ?? result.image ?? "" }),
  );
  download("annotations.jsonl", jsonLines(posts));
  const apart = entries.reduce((sum, { corrections }) => sum + (corrections?.apart.length ?? 0), 0);
  const left = apart ? ` ${plural(apart, "quintuple")} read in pictures cannot be annotated in text and are left out.` : "";
  say(find("annotation-message"), `${plural(posts.length, "post")} written.${left}`);
}

async function show() {
  const entry = shown ? session.get(shown) : undefined;
  if (!entry) return;
  const corrections = session.correct(entry);
  const types = await tagsWith("entity_types", corrections.entities.map((each) => each.type));
  const relations = await tagsWith("relations", corrections.links.map((each) => each.relation));
  const update = () => {
    session.changed();
    return show();
  };
  const focused = document.activeElement?.getAttribute("data-part");
  const checked = checkedBox(entry, corrections);
  find("correct-post").replaceChildren(
    textCard(entry, corrections, checked),
    entityCard(entry, corrections, types, update),
    linkCard(corrections, relations, update),
  );
  if (focused) find("correct-post").querySelector(`[data-part="${CSS.escape(focused)}"]`)?.focus();
  count();
}

/** @param {Entry} entry @param {Corrections} corrections */
function checkedBox(entry, corrections) {
  const id = freshId("checked");
  const box = make("input", { id, type: "checkbox", checked: corrections.checked });
  box.addEventListener("change", () => {
    corrections.checked = box.checked;
    session.changed();
  });
  return make("label", { for: id, class: "chip" }, box, "Checked: this post is right as it is now");
}

/** @param {Entry} entry @param {Corrections} corrections @param {Node} checked */
function textCard(entry, corrections, checked) {
  const { paragraph } = markedText(corrections.result(entry.result));
  paragraph.id = "correct-text";
  const help = make("p", { class: "help" }, "Select words here to add them as an entity, or type them below.");
  const made = card("Text", make("div", {}, paragraph, help, checked), {
    aside: make("span", { class: "id" }, entry.id),
  });
  made.querySelector("h2").tabIndex = -1;
  return made;
}

/** @param {Entry} entry @param {Corrections} corrections @param {string[]} types @param {() => any} update */
function entityCard(entry, corrections, types, update) {
  const view = table({
    caption: "Entities to correct",
    columns: [
      { name: "Entity", cell: (entity) => entityChip(entity) },
      {
        name: "Type",
        cell: (entity, index) =>
          choice({ label: `Type of ${entity.text}`, part: `type-${index}`, options: types, value: entity.type, disabled: entity.wrong }, (type) => {
            entity.type = type;
            update();
          }),
      },
      {
        name: "Wrong",
        cell: (entity, index) =>
          wrongBox(`${entity.text} is no entity`, `entity-${index}`, entity.wrong, (wrong) => {
            corrections.setEntity(index, { wrong });
            update();
          }),
      },
    ],
    rows: corrections.entities,
    empty: "No entity.",
    size: 50,
    onRow: (line, entity) => line.classList.toggle("wrong", entity.wrong),
  });
  return card("Entities", make("div", {}, view, entityForm(entry, corrections, types, update)));
}

/** @param {Entry} entry @param {Corrections} corrections @param {string[]} types @param {() => any} update */
function entityForm(entry, corrections, types, update) {
  const text = new Characters(entry.result.text);
  const words = make("input", { id: freshId("words"), type: "text", autocomplete: "off", "data-part": "words" });
  const type = select(freshId("type"), types, types[0]);
  const message = make("p", { class: "message", role: "status" });
  /** @type {{start: number, end: number} | null} */
  let selected = null;

  const onSelect = () => {
    if (!words.isConnected) {
      document.removeEventListener("selectionchange", onSelect);
      return;
    }
    const span = selectedSpan(text);
    if (!span) return;
    selected = span;
    words.value = text.slice(span.start, span.end);
    say(message);
  };
  document.addEventListener("selectionchange", onSelect);
  words.addEventListener("input", () => {
    selected = null;
  });

  const form = make(
    "form",
    { class: "add", "aria-label": "Add an entity", novalidate: true },
    labelled("Words of the text", words),
    labelled("Type", type),
    make("button", { type: "submit" }, "Add entity"),
    message,
  );
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    const span = selected ?? spanOf(text, words.value);
    if (!span) {
      say(message, words.value.trim() ? "The text has no such words." : "Select or type words of the text.", "error");
      words.focus();
      return;
    }
    corrections.addEntity({ ...span, text: text.slice(span.start, span.end), type: type.value });
    getSelection()?.removeAllRanges();
    update();
  });
  return form;
}

/** @param {Corrections} corrections @param {string[]} relations @param {() => any} update */
function linkCard(corrections, relations, update) {
  const view = table({
    caption: "Relations to correct",
    columns: [
      { name: "Head", cell: (link) => entityChip(corrections.entities[link.head]) },
      {
        name: "Relation",
        cell: (link, index) =>
          choice({ label: `Relation ${index + 1}`, part: `relation-${index}`, options: relations, value: link.relation, disabled: link.wrong }, (relation) => {
            link.relation = relation;
            update();
          }),
      },
      { name: "Tail", cell: (link) => entityChip(corrections.entities[link.tail]) },
      { name: "Score", number: true, minor: true, cell: (link) => scoreBar(link.score) },
      {
        name: "Wrong",
        cell: (link, index) => {
          const ends = [link.head, link.tail].map((end) => corrections.entities[end]);
          const label = `${ends[0].text} ${link.relation} ${ends[1].text} is wrong`;
          return wrongBox(label, `link-${index}`, link.wrong, (wrong) => {
            corrections.setLink(link, { wrong });
            update();
          });
        },
      },
    ],
    rows: corrections.links,
    empty: "No relation.",
    size: 50,
    onRow: (line, link) => line.classList.toggle("wrong", !corrections.rightLinks.includes(link)),
  });
  return card("Relations", make("div", {}, view, linkForm(corrections, relations, update)));
}

/** @param {Corrections} corrections @param {string[]} relations @param {() => any} update */
function linkForm(corrections, relations, update) {
  const ends = [...corrections.entities.keys()].filter((index) => !corrections.entities[index].wrong);
  if (ends.length < 2) return make("p", { class: "help" }, "A relation needs two entities.");
  const names = ends.map((index) => ({ value: String(index), name: endName(corrections, index) }));
  const head = select(freshId("head"), names, names[0].value);
  const relation = select(freshId("relation"), relations, relations[0]);
  const tail = select(freshId("tail"), names, names[1].value);
  const message = make("p", { class: "message", role: "status" });
  const form = make(
    "form",
    { class: "add", "aria-label": "Add a relation", novalidate: true },
    labelled("Head", head),
    labelled("Relation", relation),
    labelled("Tail", tail),
    make("button", { type: "submit", "data-part": "add-relation" }, "Add relation"),
    message,
  );
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    if (head.value === tail.value) {
      say(message, "Head and tail must be two entities.", "error");
      return;
    }
    corrections.addLink(Number(head.value), relation.value, Number(tail.value));
    update();
  });
  return form;
}

/** @param {Corrections} corrections @param {number} index */
function endName(corrections, index) {
  const { text, type, start } = corrections.entities[index];
  const twice = corrections.entities.filter((each) => each.text === text && !each.wrong).length > 1;
  return `${text} (${type}${twice ? `, from character ${start}` : ""})`;
}

/** The whole words that are selected in the text. @param {Characters} text */
function selectedSpan(text) {
  const selection = getSelection();
  const paragraph = document.getElementById("correct-text");
  if (!selection?.rangeCount || selection.isCollapsed || !paragraph) return null;
  const range = selection.getRangeAt(0);
  if (!paragraph.contains(range.startContainer) || !paragraph.contains(range.endContainer)) return null;
  const start = text.offset(textBefore(paragraph, range.startContainer, range.startOffset));
  const end = text.offset(textBefore(paragraph, range.endContainer, range.endOffset));
  return wholeWords(text, start, end);
}

/**
 * The length of the post's own text before a point; the labels of types are not part of it.
 * @param {Node} paragraph @param {Node} container @param {number} offset
 */
function textBefore(paragraph, container, offset) {
  const before = document.createRange();
  before.setStart(paragraph, 0);
  before.setEnd(container, offset);
  const copy = before.cloneContents();
  for (const mark of copy.querySelectorAll("mark")) {
    const name = mark.querySelector(".name");
    mark.replaceWith(name?.textContent ?? mark.textContent ?? "");
  }
  return copy.textContent?.length ?? 0;
}

/** @param {Characters} text @param {string} words */
function spanOf(text, words) {
  const wanted = words.trim();
  const index = wanted ? text.text.indexOf(wanted) : -1;
  if (index < 0) return null;
  return wholeWords(text, text.offset(index), text.offset(index + wanted.length));
}

/** @param {string} label @param {HTMLElement} field */
function labelled(label, field) {
  return make("span", { class: "labelled" }, make("label", { for: field.id }, label), field);
}

/** @param {string} id @param {(string | {value: string, name: string})[]} options @param {string} value */
function select(id, options, value) {
  const made = make("select", { id });
  for (const option of options) {
    const { value: own, name } = typeof option === "string" ? { value: option, name: option } : option;
    made.append(make("option", { value: own }, name));
  }
  made.value = value;
  return made;
}

/**
 * @param {{label: string, part: string, options: string[], value: string, disabled: boolean}} field
 * @param {(value: string) => void} onChange
 */
function choice({ label, part, options, value, disabled }, onChange) {
  const made = select(freshId("choice"), options, value);
  made.setAttribute("aria-label", label);
  made.setAttribute("data-part", part);
  made.disabled = disabled;
  made.addEventListener("change", () => onChange(made.value));
  return made;
}

/** @param {string} label @param {string} part @param {boolean} wrong @param {(wrong: boolean) => void} onChange */
function wrongBox(label, part, wrong, onChange) {
  const box = make("input", { type: "checkbox", "aria-label": label, "data-part": part, checked: wrong });
  box.addEventListener("change", () => onChange(box.checked));
  return box;
}
