/** The overlay with all keys, made from the table that the key listener reads. */
import { make } from "../../elements.js";
import { helpGroups } from "./keys.js";

/** Fill the help dialog once; it then opens and closes by itself. */
export function fillHelp(dialog) {
  const body = dialog.querySelector(".groups");
  body.replaceChildren(...helpGroups().map(makeGroup));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

function makeGroup({ group, rows }) {
  const section = make("section");
  const list = make("dl");
  for (const row of rows) {
    const keys = make("dt");
    const isWords = (key) => key.length > 8 || key === "–";
    keys.append(...row.keys.map((key) => make(isWords(key) ? "span" : "kbd", "", key)));
    list.append(keys, make("dd", "", row.words));
  }
  section.append(make("h3", "", group), list);
  return section;
}
