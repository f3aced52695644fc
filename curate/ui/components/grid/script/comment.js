/** A dialog for words about pictures: a note, a flag, a question to somebody, or why one decided so. */
import { make, setAttribute, setText } from "../../elements.js";
import { pictures } from "./format.js";

const PLACEHOLDERS = {
  note: "What should others know about it?",
  flag: "Why it should be looked at (may stay empty)",
  question: "What do you want to know?",
  reason: "Why you decided so; empty takes an earlier reason back",
};

export class Comment {
  /** `say(comment)` stores {image_ids, kind, text, asked} and answers "" or a sentence on why not; `findPeople()`: names. */
  constructor(dialog, say, findPeople) {
    Object.assign(this, { dialog, say, findPeople });
    this.title = dialog.querySelector("h2");
    this.kinds = [...dialog.querySelectorAll("[data-kind]")];
    this.whom = dialog.querySelector("input");
    this.people = dialog.querySelector("datalist");
    this.words = dialog.querySelector("textarea");
    this.trouble = dialog.querySelector(".trouble");
    this.saveButton = dialog.querySelector("[data-save]");
    for (const button of this.kinds) button.addEventListener("click", () => this.choose(button.dataset.kind));
    this.saveButton.addEventListener("click", () => this.save());
    dialog.addEventListener("keydown", (event) => this.key(event));
    this.choose("note");
  }

  /** Ask for words about these items; what was typed for the very same ones and not added is still there. */
  open(items) {
    const ids = items.map((item) => item.image_id);
    if (String(ids) !== String(this.ids)) this.words.value = "";
    this.ids = ids;
    setText(this.title, items.length === 1 ? `About ${items[0].file_name}` : `About ${pictures(items.length)}`);
    this.tell("");
    this.dialog.showModal();
    this.words.focus();
    this.findPeople().then((names) => this.people.replaceChildren(...names.map(nameOption)));
  }

  choose(kind) {
    this.kind = kind;
    for (const button of this.kinds) setAttribute(button, "aria-pressed", String(button.dataset.kind === kind));
    this.whom.hidden = kind !== "question";
    this.words.placeholder = PLACEHOLDERS[kind];
    this.tell("");
    (kind === "question" && !this.whom.value ? this.whom : this.words).focus();
  }

  key(event) {
    if (event.key !== "Enter" || event.isComposing || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    this.save();
  }

  async save() {
    if (this.saveButton.disabled) return;
    this.saveButton.disabled = true;
    const asked = this.kind === "question" ? this.whom.value : null;
    const trouble = await this.say({ image_ids: this.ids, kind: this.kind, text: this.words.value, asked });
    this.saveButton.disabled = false;
    this.tell(trouble);
    if (trouble) return;
    this.words.value = "";
    this.dialog.close();
  }

  tell(words) {
    setText(this.trouble, words);
  }
}

function nameOption(name) {
  const option = make("option");
  option.value = name;
  return option;
}
