/** A dialog for comments on pictures: a note, a flag, a question to somebody, or why one decided so. */
/** @import { CommentData, CommentKind, Item } from "./types.js" */
import { make, query, queryAll, setAttribute, setText } from "../../elements.js";
import { pictures } from "./format.js";

/** @type {Record<CommentKind, string>} */
const PLACEHOLDERS = {
  note: "What should others know about it?",
  flag: "Why it should be looked at (may stay empty)",
  question: "What do you want to know?",
  reason: "Why you decided so; empty takes an earlier reason back",
};

export class Comment {
  /**
   * @param {HTMLDialogElement} dialog
   * @param {(comment: CommentData) => Promise<string>} store returns "" or a sentence on why that failed
   * @param {() => Promise<string[]>} fetchPeople returns the names of those who can be asked
   */
  constructor(dialog, store, fetchPeople) {
    this.dialog = dialog;
    this.store = store;
    this.fetchPeople = fetchPeople;
    /** @type {number[]} */
    this.imageIds = [];
    /** @type {CommentKind} */
    this.kind = "note";
    this.title = query(dialog, "h2", HTMLElement);
    this.kindButtons = queryAll(dialog, "[data-kind]", HTMLButtonElement);
    this.addressee = query(dialog, "input", HTMLInputElement);
    this.people = query(dialog, "datalist", HTMLElement);
    this.text = query(dialog, "textarea", HTMLTextAreaElement);
    this.trouble = query(dialog, ".trouble", HTMLElement);
    this.saveButton = query(dialog, "[data-save]", HTMLButtonElement);
    for (const button of this.kindButtons) {
      button.addEventListener("click", () => this.choose(/** @type {CommentKind} */ (button.dataset.kind)));
    }
    this.saveButton.addEventListener("click", () => this.save());
    dialog.addEventListener("keydown", (event) => this.pressKey(event));
    this.choose("note");
  }

  /**
   * Asks for a comment on these items; what was typed for the very same ones and not stored is still there.
   * @param {Item[]} items
   */
  open(items) {
    const ids = items.map((item) => item.image_id);
    if (String(ids) !== String(this.imageIds)) this.text.value = "";
    this.imageIds = ids;
    setText(this.title, items.length === 1 ? `About ${items[0].file_name}` : `About ${pictures(items.length)}`);
    this.showTrouble("");
    this.dialog.showModal();
    this.text.focus();
    this.fetchPeople().then((names) => this.people.replaceChildren(...names.map(makeOption)));
  }

  /** @param {CommentKind} kind */
  choose(kind) {
    this.kind = kind;
    for (const button of this.kindButtons) setAttribute(button, "aria-pressed", String(button.dataset.kind === kind));
    this.addressee.hidden = kind !== "question";
    this.text.placeholder = PLACEHOLDERS[kind];
    this.showTrouble("");
    (kind === "question" && !this.addressee.value ? this.addressee : this.text).focus();
  }

  /** @param {KeyboardEvent} event */
  pressKey(event) {
    if (event.key !== "Enter" || event.isComposing || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    this.save();
  }

  async save() {
    if (this.saveButton.disabled) return;
    this.saveButton.disabled = true;
    const asked = this.kind === "question" ? this.addressee.value : null;
    const trouble = await this.store({ image_ids: this.imageIds, kind: this.kind, text: this.text.value, asked });
    this.saveButton.disabled = false;
    this.showTrouble(trouble);
    if (trouble) return;
    this.text.value = "";
    this.dialog.close();
  }

  /** @param {string} text */
  showTrouble(text) {
    setText(this.trouble, text);
  }
}

/** @param {string} name */
function makeOption(name) {
  const option = make("option");
  option.value = name;
  return option;
}
