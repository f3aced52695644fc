/** The dialog in which each label gets the key of one's choice, for everybody who reviews the project. */
/** @import { Label } from "./labels.js" */
import { closest, make, makeLabel, query, queryAll, setText } from "../../elements.js";
import { count } from "./format.js";
import { isFree } from "./keys.js";
import { Labels } from "./labels.js";

const N_SHOWN = 60;

export class LabelKeys {
  /**
   * @param {HTMLDialogElement} dialog
   * @param {(keys: Record<string, string>) => Promise<string>} save stores keys by label id; returns "" or what went wrong
   */
  constructor(dialog, save) {
    this.dialog = dialog;
    this.save = save;
    this.labels = new Labels([]);
    /** @type {Map<number, string>} */
    this.keys = new Map(); // by label id
    this.search = query(dialog, "[type='search']", HTMLInputElement);
    this.list = query(dialog, ".rows", HTMLElement);
    this.rest = query(dialog, ".rest", HTMLElement);
    this.message = query(dialog, ".trouble", HTMLElement);
    this.search.addEventListener("input", () => this.show());
    this.list.addEventListener("keydown", (event) => this.pressKey(event));
    query(dialog, "[data-reset]", HTMLElement).addEventListener("click", () => this.reset());
    query(dialog, "[data-save]", HTMLElement).addEventListener("click", () => this.finish());
  }

  /** @param {Labels} labels */
  open(labels) {
    this.labels = new Labels(labels.list.filter((label) => !label.is_none));
    this.keys = new Map(this.labels.list.flatMap((label) => (label.key ? [[label.id, label.key]] : [])));
    this.search.value = "";
    this.search.hidden = this.labels.list.length <= N_SHOWN;
    this.show();
    this.dialog.showModal();
    this.list.querySelector("input")?.focus();
  }

  /** Shows those with keys first, then those that match what is typed. */
  show() {
    const matches = this.labels.search(this.search.value, [...this.keys.keys()]);
    this.list.replaceChildren(...matches.slice(0, N_SHOWN).map((label) => this.makeRow(label)));
    const nMore = matches.length - N_SHOWN;
    setText(this.rest, nMore > 0 ? `and ${count(nMore)} more: search to find them` : "");
    this.showMessage("");
  }

  /** @param {Label} label */
  makeRow(label) {
    const row = make("label", "row");
    const field = make("input");
    field.value = this.keys.get(label.id) ?? "";
    field.dataset.id = String(label.id);
    field.size = 2;
    field.autocomplete = "off";
    field.setAttribute("aria-label", `Key of ${label.name}`);
    row.append(field, makeLabel(label));
    return row;
  }

  /**
   * A key pressed in a label's field becomes its key; another label that had it then has none.
   * @param {KeyboardEvent} event
   */
  pressKey(event) {
    const id = closest(event, "input")?.dataset.id;
    if (!id || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Backspace" || event.key === "Delete") this.set(Number(id), null);
    else if (event.key.length === 1) this.set(Number(id), event.key.toLowerCase());
    else return;
    event.preventDefault();
  }

  /**
   * @param {number} id
   * @param {string | null} key
   */
  set(id, key) {
    if (key !== null && !isFree(key)) {
      this.showMessage(`“${key}” means something else in the grid already.`);
      return;
    }
    const other = [...this.keys].find(([otherId, otherKey]) => otherKey === key && otherId !== id)?.[0];
    if (other !== undefined) this.keys.delete(other);
    if (key === null) this.keys.delete(id);
    else this.keys.set(id, key);
    for (const field of queryAll(this.list, "input", HTMLInputElement)) {
      field.value = this.keys.get(Number(field.dataset.id)) ?? "";
    }
    this.showMessage(other === undefined ? "" : `“${key}” belonged to ${this.labels.name(other)}, which has no key now.`);
  }

  /** Goes back to 1 to 9 for the first nine labels. */
  reset() {
    this.keys = new Map(this.labels.list.slice(0, 9).map((label, position) => [label.id, String(position + 1)]));
    this.show();
  }

  async finish() {
    const trouble = await this.save(Object.fromEntries(this.keys));
    if (trouble) this.showMessage(trouble);
    else this.dialog.close();
  }

  /** @param {string} text */
  showMessage(text) {
    setText(this.message, text);
  }
}
