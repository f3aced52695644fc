/** Where keys go, and what of the grid is in sight. */
/** @import { GridData } from "./types.js" */
import { isField } from "../../elements.js";

/** @type {string | null} */
let lastList = null; // the view that this tab's grid showed last, also before it left the page

export class Focus {
  /**
   * @param {HTMLElement} root
   * @param {HTMLElement} field holds the cards
   */
  constructor(root, field) {
    this.root = root;
    this.field = field;
    for (const dialog of root.querySelectorAll("dialog")) dialog.addEventListener("close", () => this.take());
  }

  /** Gives the cards the focus, unless a dialog is open. */
  take() {
    if (!this.topDialog()) this.field.focus({ preventScroll: true });
  }

  /**
   * Takes the focus at first and after every choice of a filter, unless somebody is typing elsewhere.
   * @param {Pick<GridData, "autofocus" | "view_key">} data
   * @param {boolean} isFirst
   */
  takeFor({ autofocus, view_key }, isFirst) {
    const isOtherList = lastList !== null && lastList !== view_key;
    lastList = view_key;
    const { activeElement } = document;
    if (isOtherList ? !isSlider(activeElement) : isFirst && autofocus && !isField(activeElement)) this.take();
  }

  /** Returns the dialog on top. */
  topDialog() {
    /** @type {NodeListOf<HTMLDialogElement>} */
    const dialogs = this.root.querySelectorAll("dialog:modal");
    return [...dialogs].at(-1);
  }

  isDialogOrMenuOpen() {
    return this.root.querySelector("dialog:modal, [popover='auto']:popover-open") !== null;
  }

  isInSight() {
    const { top, bottom } = this.root.getBoundingClientRect();
    return top < window.innerHeight * 0.8 && bottom > 0;
  }

  isTopOutOfSight() {
    return this.root.getBoundingClientRect().top < 0;
  }
}

/**
 * Whether the focus is on a slider: each step of it is a choice, and the next one is about to come.
 * @param {Element | null} element
 */
function isSlider(element) {
  return Boolean(element?.matches("[role='slider'], input[type='range']"));
}
