/** The dialog in which each label gets the key of one's choice, for everybody who reviews the project. */
import { make, setText, showLabel } from "../../elements.js";
import { count } from "./format.js";
import { isFree } from "./keys.js";

const N_SHOWN = 60;

export class KeySetting {
  /** `save(keys)` stores {label id: key} and answers "" or a sentence on why not. */
  constructor(dialog, save) {
    this.dialog = dialog;
    this.save = save;
    this.search = dialog.querySelector("[type='search']");
    this.list = dialog.querySelector(".rows");
    this.rest = dialog.querySelector(".rest");
    this.words = dialog.querySelector(".trouble");
    this.search.addEventListener("input", () => this.show());
    this.list.addEventListener("keydown", (event) => this.press(event));
    dialog.querySelector("[data-reset]").addEventListener("click", () => this.reset());
    dialog.querySelector("[data-save]").addEventListener("click", () => this.finish());
  }

  open(labels) {
    this.labels = labels;
    this.keys = new Map(labels.list.filter((label) => label.key).map((label) => [label.id, label.key]));
    this.search.value = "";
    this.search.hidden = labels.list.length <= N_SHOWN;
    this.show();
    this.dialog.showModal();
    this.list.querySelector("input")?.focus();
  }

  /** Those with keys first, then as typed above them. */
  show() {
    const found = this.labels.search(this.search.value, [...this.keys.keys()]);
    this.list.replaceChildren(...found.slice(0, N_SHOWN).map((label) => this.makeRow(label)));
    const nMore = found.length - N_SHOWN;
    setText(this.rest, nMore > 0 ? `and ${count(nMore)} more: search to find them` : "");
    this.say("");
  }

  makeRow(label) {
    const row = make("label", "row");
    const field = make("input");
    field.value = this.keys.get(label.id) ?? "";
    field.dataset.id = String(label.id);
    field.size = 2;
    field.autocomplete = "off";
    field.setAttribute("aria-label", `Key of ${label.name}`);
    const name = make("span", "label");
    showLabel(name, label);
    row.append(field, name);
    return row;
  }

  /** A key pressed in a label's field becomes its key; another label that had it has none then. */
  press(event) {
    const field = event.target.closest("input");
    if (!field || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Backspace" || event.key === "Delete") this.set(field, null);
    else if (event.key.length === 1) this.set(field, event.key.toLowerCase());
    else return;
    event.preventDefault();
  }

  set(field, key) {
    if (key !== null && !isFree(key)) return this.say(`“${key}” means something else in the grid already.`);
    const id = Number(field.dataset.id);
    const other = [...this.keys].find(([otherId, otherKey]) => otherKey === key && otherId !== id)?.[0];
    if (other !== undefined) this.keys.delete(other);
    if (key === null) this.keys.delete(id);
    else this.keys.set(id, key);
    for (const shown of this.list.querySelectorAll("input")) shown.value = this.keys.get(Number(shown.dataset.id)) ?? "";
    return this.say(other === undefined ? "" : `“${key}” belonged to ${this.labels.name(other)}, which has no key now.`);
  }

  /** Back to 1 to 9 for the first nine labels. */
  reset() {
    this.keys = new Map(this.labels.list.slice(0, 9).map((label, position) => [label.id, String(position + 1)]));
    this.show();
  }

  async finish() {
    const trouble = await this.save(Object.fromEntries(this.keys));
    if (trouble) this.say(trouble);
    else this.dialog.close();
  }

  say(words) {
    setText(this.words, words);
  }
}
