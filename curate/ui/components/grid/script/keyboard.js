/** Key presses, turned into commands. */
/** @import { Focus } from "./focus.js" */
/** @import { Labels } from "./labels.js" */
/** @import { Command } from "./types.js" */
import { closest, isField } from "../../elements.js";
import { commandOf } from "./keys.js";

const REPEATABLE = new Set(["left", "right", "up", "down"]); // a held key may run on; a held d must not delete a row
const KEY_OWNERS = "[role='dialog'], [role='slider'], [role='radio'], [role='tab'], [role='option'], [role='menuitem']";

/**
 * @typedef {object} Parts
 * @property {Focus} focus
 * @property {() => Labels} labels
 * @property {() => boolean} isHelpOpen
 * @property {(command: Command) => void} run
 */

export class Keyboard {
  /**
   * @param {HTMLElement} root
   * @param {Parts} parts
   */
  constructor(root, parts) {
    this.parts = parts;
    this.onDocumentKey = (/** @type {KeyboardEvent} */ event) => this.pressOutside(event);
    document.addEventListener("keydown", this.onDocumentKey, true);
    root.addEventListener("keydown", (event) => this.press(event));
  }

  stop() {
    document.removeEventListener("keydown", this.onDocumentKey, true);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { focus, labels, isHelpOpen, run } = this.parts;
    const isTyping = isField(event.target) || closest(event, "dialog:not(.enlarged, .help)") !== null;
    if (isTyping) event.stopPropagation(); // Streamlit has keys of its own (r, c) and cannot see our field
    const command = isTyping ? null : commandOf(event, labels());
    if (!command || isForButton(event)) return;
    if (isHelpOpen() && command.name !== "help") return; // only the key that closes it means anything
    event.stopPropagation();
    if (command.name === "escape" && focus.isDialogOrMenuOpen()) return; // the browser closes it
    event.preventDefault();
    if (!event.repeat || REPEATABLE.has(command.name)) run(command);
  }

  /**
   * Keys that nothing else on the page has a use for are meant for the grid, as long as it is in sight.
   * @param {KeyboardEvent} event
   */
  pressOutside(event) {
    const { focus, labels } = this.parts;
    if (isUsedBy(document.activeElement, event) || !focus.isInSight()) return;
    if (!commandOf(event, labels())) return;
    focus.take();
    this.press(event);
  }
}

/**
 * Whether a key pressed while `element` has the focus is that element's: all keys of a field, few of a button.
 * @param {Element | null} element
 * @param {KeyboardEvent} event
 */
function isUsedBy(element, event) {
  if (!element || element === document.body) return false;
  if (element.shadowRoot || isField(element) || element.closest(KEY_OWNERS)) return true;
  return element.matches("button, a") && ["Enter", " ", "Escape"].includes(event.key);
}

/**
 * Whether the key presses a button that has the focus.
 * @param {KeyboardEvent} event
 */
function isForButton(event) {
  return (event.key === "Enter" || event.key === " ") && closest(event, "button") !== null;
}
