/** Type-ahead over any number of labels: a dialog with one field and the labels that match. */
import { make, setAttribute, showLabel } from "../../elements.js";
import { count } from "./format.js";

const N_SHOWN = 60;
const N_VISIBLE = 10;
const OPTION_PX = 34;

export class Palette {
  /** `onPick(label)` gets the chosen label; the dialog is closed by then. */
  constructor(dialog, onPick) {
    this.dialog = dialog;
    this.onPick = onPick;
    this.field = dialog.querySelector("input");
    this.list = dialog.querySelector(".matches");
    this.title = dialog.querySelector(".title");
    this.rest = dialog.querySelector(".rest");
    this.field.addEventListener("input", () => this.search());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.pick(this.positionOf(event.target)));
    this.list.addEventListener("pointermove", (event) => this.choose(this.positionOf(event.target)));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  get isOpen() {
    return this.dialog.open;
  }

  /** Ask for a label; `likely` are ids to offer before anything is typed. */
  open(labels, likely, title) {
    this.labels = labels;
    this.likely = likely;
    this.title.textContent = title;
    this.field.value = "";
    // As high as all labels need, whatever is typed: the dialog does not jump.
    this.list.style.setProperty("--matches-height", `${Math.min(labels.list.length, N_VISIBLE) * OPTION_PX + 12}px`);
    this.search();
    this.dialog.showModal();
    this.field.focus();
  }

  search() {
    const found = this.labels.search(this.field.value, this.likely);
    this.matches = found.slice(0, N_SHOWN);
    this.list.replaceChildren(...this.matches.map((label, position) => makeOption(label, position)));
    this.rest.textContent = restWords(found.length - this.matches.length, found.length);
    this.chosen = -1;
    this.choose(0);
  }

  choose(position) {
    if (position < 0 || position >= this.matches.length || position === this.chosen) return;
    if (this.chosen >= 0) setAttribute(this.list.children[this.chosen], "aria-selected", "false");
    this.chosen = position;
    setAttribute(this.list.children[position], "aria-selected", "true");
    setAttribute(this.field, "aria-activedescendant", `match-${position}`);
  }

  step(by) {
    const n = this.matches.length;
    if (!n) return;
    this.choose((this.chosen + by + n) % n);
    this.list.children[this.chosen].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.isComposing) return;
    if (event.key in steps) this.step(steps[event.key]);
    else if (event.key === "Enter") this.pick(this.chosen);
    else return;
    event.preventDefault();
  }

  pick(position) {
    const label = this.matches[position];
    if (!label) return;
    this.dialog.close();
    this.onPick(label);
  }

  positionOf(node) {
    return [...this.list.children].indexOf(node.closest("li"));
  }
}

function makeOption(label, position) {
  const option = make("li");
  option.id = `match-${position}`;
  setAttribute(option, "role", "option");
  setAttribute(option, "aria-selected", "false");
  const name = make("span", "label");
  showLabel(name, label);
  option.append(name);
  if (label.key) option.append(make("kbd", "", label.key));
  return option;
}

function restWords(nMore, nFound) {
  if (!nFound) return "No label has that in its name.";
  return nMore ? `and ${count(nMore)} more: type to narrow` : "";
}
