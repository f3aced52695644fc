/** Keys, clicks and touches, turned into the grid's commands. */
import { isField } from "../../elements.js";
import { commandOf } from "./keys.js";

const HELD_MS = 450;
const REPEATABLE = new Set(["left", "right", "up", "down"]); // a held key may run on; a held d must not delete a row

export class Input {
  constructor(grid) {
    this.grid = grid;
    this.root = grid.root;
    this.isSelecting = false; // a tap selects instead of moving the cursor
    this.onDocumentKey = (event) => this.keyFromNowhere(event);
    document.addEventListener("keydown", this.onDocumentKey, true);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("click", (event) => this.clickControl(event));
    // Buttons do not take the focus from the cards, so that keys go on working after a click.
    this.root.addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault());
    grid.field.addEventListener("pointerdown", (event) => this.pressCard(event));
    grid.field.addEventListener("click", (event) => this.clickCard(event));
    grid.field.addEventListener("dblclick", (event) => this.doubleClickCard(event));
    for (const dialog of this.root.querySelectorAll("dialog")) dialog.addEventListener("close", () => grid.focus());
    for (const button of this.root.querySelectorAll("[popovertarget]")) this.placeMenu(button);
    for (const slider of this.root.querySelectorAll("[data-slider]")) {
      slider.addEventListener("input", () => grid.prefer(slider.dataset.slider, slider.value));
    }
    this.selectByHolding();
  }

  stop() {
    document.removeEventListener("keydown", this.onDocumentKey, true);
  }

  key(event) {
    const isTyping = isField(event.target) || event.target.closest("dialog:not(.enlarged, .help)");
    if (isTyping) event.stopPropagation(); // Streamlit has keys of its own (r, c) and cannot see our field
    const command = isTyping ? null : commandOf(event, this.grid.labels);
    if (!command || isForButton(event) || this.isForHelp(command)) return;
    event.stopPropagation();
    if (command.name === "escape" && this.grid.anythingOpen()) return; // the browser closes it
    event.preventDefault();
    if (!event.repeat || REPEATABLE.has(command.name)) this.grid.turn.guard(command);
  }

  /** While the help is open, only the key that closes it means anything. */
  isForHelp(command) {
    return this.grid.help.open && command.name !== "help";
  }

  /** Keys that nothing else on the page has a use for are meant for the grid, as long as it is in sight. */
  keyFromNowhere(event) {
    if (isUsedBy(document.activeElement, event) || !this.grid.isInSight()) return;
    if (!commandOf(event, this.grid.labels)) return;
    this.grid.focus();
    this.key(event);
  }

  clickControl(event) {
    const control = event.target.closest("[data-command], [data-label], [data-preference]");
    if (!control || control.disabled) return;
    const { command, label, preference, value, key } = control.dataset;
    if (command === "touchSelect") this.switchSelecting(control);
    else if (command) this.grid.turn.guard({ name: command, key });
    else if (label) this.grid.turn.guard({ name: "label", label: Number(label) });
    else this.grid.prefer(preference, value);
    if (!control.closest("[popover]")) this.grid.focus();
  }

  pressCard(event) {
    const position = this.grid.cards.positionOf(event.target);
    if (position < 0 || event.button !== 0 || this.grid.turn.isUnderWay) return;
    if (event.pointerType === "touch") return; // it may become a scroll: the click that follows says it did not
    event.preventDefault();
    this.choose(event, position);
  }

  clickCard(event) {
    const position = this.grid.cards.positionOf(event.target);
    if (position < 0 || this.grid.turn.isUnderWay) return;
    const wasHeld = this.wasHeld;
    this.wasHeld = false;
    if (event.pointerType === "touch" && !wasHeld) this.choose(event, position);
    if (event.target.closest(".open")) this.grid.enlarge();
  }

  doubleClickCard(event) {
    if (this.grid.cards.positionOf(event.target) >= 0 && !this.isSelecting) this.grid.enlarge();
  }

  choose(event, position) {
    const { selection } = this.grid;
    const isToggle = event.ctrlKey || event.metaKey || this.isSelecting;
    this.grid.select(() => (isToggle ? selection.toggle(position) : selection.moveTo(position, event.shiftKey)));
    this.grid.focus();
  }

  switchSelecting(control) {
    this.isSelecting = !this.isSelecting;
    control.setAttribute("aria-pressed", String(this.isSelecting));
    if (!this.isSelecting) this.grid.select(() => this.grid.selection.clear());
  }

  /** A finger that rests on a card begins to select: from then on taps do, until the button says otherwise. */
  selectByHolding() {
    const { field } = this.grid;
    let timer = 0;
    const letGo = () => clearTimeout(timer);
    field.addEventListener("pointerdown", (event) => {
      letGo();
      const position = this.grid.cards.positionOf(event.target);
      if (event.pointerType !== "touch" || position < 0 || this.isSelecting) return;
      timer = setTimeout(() => this.hold(position), HELD_MS);
    });
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) field.addEventListener(name, letGo);
    field.addEventListener("contextmenu", (event) => this.isSelecting && event.preventDefault());
  }

  hold(position) {
    this.switchSelecting(this.root.querySelector("[data-command='touchSelect']"));
    this.wasHeld = true; // the click that follows would take it out again
    this.grid.select(() => this.grid.selection.toggle(position));
    navigator.vibrate?.(15);
  }

  /** A menu opens below its button. */
  placeMenu(button) {
    const menu = this.root.querySelector(`#${button.getAttribute("popovertarget")}`);
    menu.addEventListener("beforetoggle", () => {
      const box = button.getBoundingClientRect();
      menu.style.top = `${box.bottom + 6}px`;
      menu.style.right = `${Math.max(8, document.documentElement.clientWidth - box.right)}px`;
    });
  }
}

const OWN_KEYS = "[role='dialog'], [role='slider'], [role='radio'], [role='tab'], [role='option'], [role='menuitem']";

/** Whether a key pressed while `element` has the focus is that element's: all keys of a field, few of a button. */
function isUsedBy(element, event) {
  if (!element || element === document.body) return false;
  if (element.shadowRoot || isField(element) || element.closest(OWN_KEYS)) return true;
  return element.matches("button, a") && ["Enter", " ", "Escape"].includes(event.key);
}

/** Enter and space on a button that has the focus press that button. */
function isForButton(event) {
  return (event.key === "Enter" || event.key === " ") && event.target.closest("button");
}
