/** Mouse and touch on the cards: a click moves the cursor or selects, a double click enlarges, a held finger selects. */
/** @import { CardTable } from "./cards.js" */
/** @import { Focus } from "./focus.js" */
/** @import { Screen } from "./screen.js" */
/** @import { Selection } from "./selection.js" */
import { closest } from "../../elements.js";

const HELD_MS = 450;

/**
 * @typedef {object} Parts
 * @property {CardTable} table
 * @property {Selection} selection
 * @property {Pick<Screen, "followSelection" | "toggleEnlarged">} screen
 * @property {Pick<Focus, "take">} focus
 * @property {() => boolean} isBlocked while another page is on its way
 * @property {HTMLElement} selectButton shows whether taps select
 */

export class CardPointer {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    this.isSelecting = false; // a tap selects instead of moving the cursor
    this.wasHeld = false; // the click that follows ends a hold
    this.holdTimer = 0;
    const { element } = parts.table;
    element.addEventListener("pointerdown", (event) => this.press(event));
    element.addEventListener("click", (event) => this.click(event));
    element.addEventListener("dblclick", (event) => this.doubleClick(event));
    element.addEventListener("contextmenu", (event) => this.isSelecting && event.preventDefault());
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
      element.addEventListener(name, () => clearTimeout(this.holdTimer));
    }
  }

  /** @param {PointerEvent} event */
  press(event) {
    clearTimeout(this.holdTimer);
    const position = this.parts.table.positionOf(event);
    if (position < 0) return;
    if (event.pointerType === "touch") {
      // It may become a scroll: the click that follows says it did not.
      if (!this.isSelecting) this.holdTimer = setTimeout(() => this.hold(position), HELD_MS);
      return;
    }
    if (event.button !== 0 || this.parts.isBlocked()) return;
    event.preventDefault();
    this.choose(event, position);
  }

  /** @param {PointerEvent} event */
  click(event) {
    const position = this.parts.table.positionOf(event);
    if (position < 0 || this.parts.isBlocked()) return;
    const { wasHeld } = this;
    this.wasHeld = false;
    if (event.pointerType === "touch" && !wasHeld) this.choose(event, position);
    if (closest(event, ".open")) this.parts.screen.toggleEnlarged();
  }

  /** @param {MouseEvent} event */
  doubleClick(event) {
    if (this.parts.table.positionOf(event) >= 0 && !this.isSelecting) this.parts.screen.toggleEnlarged();
  }

  /**
   * @param {MouseEvent} event
   * @param {number} position
   */
  choose(event, position) {
    const { focus, screen, selection } = this.parts;
    if (event.ctrlKey || event.metaKey || this.isSelecting) selection.toggle(position);
    else selection.moveTo(position, event.shiftKey);
    screen.followSelection();
    focus.take();
  }

  /**
   * A finger that rests on a card begins to select: from then on taps do, until the button says otherwise.
   * @param {number} position
   */
  hold(position) {
    this.toggleSelecting();
    this.wasHeld = true; // the click that follows would take it out again
    this.parts.selection.toggle(position);
    this.parts.screen.followSelection();
    navigator.vibrate?.(15);
  }

  toggleSelecting() {
    const { screen, selectButton, selection } = this.parts;
    this.isSelecting = !this.isSelecting;
    selectButton.setAttribute("aria-pressed", String(this.isSelecting));
    if (this.isSelecting) return;
    selection.clear();
    screen.followSelection();
  }
}
