/** Type-ahead over any number of labels: a dialog with one field, the labels that match, and a new one of that name. */
/** @import { Label } from "./labels.js" */
import { closest, make, makeLabel, query, setAttribute } from "../../elements.js";
import { count } from "./format.js";
import { Labels } from "./labels.js";

const N_SHOWN = 60;
const N_VISIBLE = 10;
const OPTION_PX = 34;
/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

export class Palette {
  /**
   * @param {HTMLDialogElement} dialog
   * @param {(label: Label) => void} onChoose gets the chosen label; the dialog is closed by then
   * @param {(name: string) => void} onCreate gets the name of a label to make; the dialog is closed by then
   */
  constructor(dialog, onChoose, onCreate) {
    this.dialog = dialog;
    this.onChoose = onChoose;
    this.onCreate = onCreate;
    this.newName = ""; // of the last option, which makes a label; "" = there is no such option
    this.labels = new Labels([]);
    /** @type {number[]} */
    this.likely = [];
    /** @type {Label[]} */
    this.matches = [];
    this.highlighted = -1;
    this.field = query(dialog, "input", HTMLInputElement);
    this.list = query(dialog, ".matches", HTMLElement);
    this.title = query(dialog, ".title", HTMLElement);
    this.rest = query(dialog, ".rest", HTMLElement);
    this.field.addEventListener("input", () => this.search());
    this.field.addEventListener("keydown", (event) => this.pressKey(event));
    this.list.addEventListener("click", (event) => this.choose(this.positionOf(event)));
    this.list.addEventListener("pointermove", (event) => this.highlight(this.positionOf(event)));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  /**
   * Asks for a label; `likely`: ids to offer before anything is typed.
   * @param {Labels} labels
   * @param {number[]} likely
   * @param {string} title
   */
  open(labels, likely, title) {
    this.labels = labels;
    this.likely = likely;
    this.title.textContent = title;
    this.field.value = "";
    // As high as all labels need, whatever is typed: the dialog does not jump.
    const nOptions = Math.min(labels.list.length + 1, N_VISIBLE);
    this.list.style.setProperty("--matches-height", `${nOptions * OPTION_PX + 12}px`);
    this.search();
    this.dialog.showModal();
    this.field.focus();
  }

  search() {
    const matches = this.labels.search(this.field.value, this.likely);
    this.matches = matches.slice(0, N_SHOWN);
    const name = this.field.value.trim();
    this.newName = this.labels.list.some((label) => label.name === name) ? "" : name;
    const options = this.matches.map((label, position) => makeOption(label, position));
    if (this.newName) options.push(makeNewOption(this.newName, options.length));
    this.list.replaceChildren(...options);
    this.rest.textContent = restText(matches.length, this.newName);
    this.highlighted = -1;
    this.highlight(0);
  }

  /** @param {number} position */
  highlight(position) {
    if (position < 0 || position >= this.nOptions || position === this.highlighted) return;
    if (this.highlighted >= 0) setAttribute(this.list.children[this.highlighted], "aria-selected", "false");
    this.highlighted = position;
    setAttribute(this.list.children[position], "aria-selected", "true");
    setAttribute(this.field, "aria-activedescendant", `match-${position}`);
  }

  get nOptions() {
    return this.matches.length + (this.newName ? 1 : 0);
  }

  /** @param {number} by */
  step(by) {
    const n = this.nOptions;
    if (!n) return;
    this.highlight((this.highlighted + by + n) % n);
    this.list.children[this.highlighted].scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  pressKey(event) {
    if (event.isComposing) return;
    if (Object.hasOwn(STEPS, event.key)) this.step(STEPS[event.key]);
    else if (event.key === "Enter") this.choose(this.highlighted);
    else return;
    event.preventDefault();
  }

  /** @param {number} position */
  choose(position) {
    const label = this.matches[position];
    if (!label && !(this.newName && position === this.matches.length)) return;
    this.dialog.close();
    if (label) this.onChoose(label);
    else this.onCreate(this.newName);
  }

  /** @param {Event} event */
  positionOf(event) {
    const option = closest(event, "li");
    return option ? [...this.list.children].indexOf(option) : -1;
  }
}

/**
 * @param {Label} label
 * @param {number} position
 */
function makeOption(label, position) {
  const option = makeEmptyOption(position);
  option.append(makeLabel(label));
  if (label.key) option.append(make("kbd", "", label.key));
  return option;
}

/**
 * @param {string} name
 * @param {number} position
 */
function makeNewOption(name, position) {
  const option = makeEmptyOption(position);
  option.append(make("span", "", `New label “${name}”`));
  return option;
}

/** @param {number} position */
function makeEmptyOption(position) {
  const option = make("li");
  option.id = `match-${position}`;
  setAttribute(option, "role", "option");
  setAttribute(option, "aria-selected", "false");
  return option;
}

/**
 * @param {number} nMatches
 * @param {string} newName
 */
function restText(nMatches, newName) {
  if (!nMatches) return newName ? "" : "Type the name of a label.";
  return nMatches > N_SHOWN ? `and ${count(nMatches - N_SHOWN)} more: type to narrow` : "";
}
