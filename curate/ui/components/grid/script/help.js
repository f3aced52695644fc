/** The overlay with all keys, made from the table that the key listener reads. */
import { make, query } from "../../elements.js";
import { helpGroups } from "./keys.js";

/**
 * Has a click beside the help close it.
 * @param {HTMLDialogElement} dialog
 */
export function connectHelp(dialog) {
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

/**
 * Opens the help. isBlind: where labels are hidden some keys mean nothing.
 * @param {HTMLDialogElement} dialog
 * @param {boolean} isBlind
 */
export function openHelp(dialog, isBlind) {
  query(dialog, ".groups", HTMLElement).replaceChildren(...helpGroups(isBlind).map(makeGroup));
  dialog.showModal();
}

/** @param {ReturnType<typeof helpGroups>[number]} group */
function makeGroup({ group, rows }) {
  const section = make("section");
  const list = make("dl");
  for (const { keys, text } of rows) {
    const term = make("dt");
    const isText = (/** @type {string} */ key) => key.length > 8 || key === "–";
    term.append(...keys.map((key) => make(isText(key) ? "span" : "kbd", "", key)));
    list.append(term, make("dd", "", text));
  }
  section.append(make("h3", "", group), list);
  return section;
}
