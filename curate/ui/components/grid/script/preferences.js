/** How this person likes to look at pictures, remembered in this browser. */
import { readStoredFields, store } from "./storage.js";

const STORED_AS = "curate.grid.preferences";
const INITIAL_WIDTH = 152;
const STEP = 1.2; // from one size to the next by key

/** Smallest widths of a card in px, between which the slider goes. */
export const NARROWEST = 88;
export const WIDEST = 480;

/**
 * @typedef {"cover" | "contain"} Fit
 * @typedef {"next" | "turn" | "stay"} Advance After a decision on one card: go to the next, at the page's end turn it, or stay.
 * @typedef {"fit" | "width" | "advance"} PreferenceName
 */

export class Preferences {
  constructor() {
    const { fit, width, advance } = readStoredFields(STORED_AS);
    this.fit = asFit(fit);
    this.width = within(Number(width) || INITIAL_WIDTH);
    this.advance = asAdvance(advance);
  }

  /**
   * Changes one choice and remembers it.
   * @param {PreferenceName} name
   * @param {string | number} value
   */
  set(name, value) {
    if (name === "width") this.width = within(Number(value));
    else if (name === "fit") this.fit = asFit(value);
    else this.advance = asAdvance(value);
    const { fit, width, advance } = this;
    store(STORED_AS, { fit, width, advance });
  }

  get wider() {
    return this.width * STEP;
  }

  get narrower() {
    return this.width / STEP;
  }
}

/**
 * @param {unknown} value
 * @returns {Fit}
 */
function asFit(value) {
  return value === "cover" ? "cover" : "contain";
}

/**
 * @param {unknown} value
 * @returns {Advance}
 */
function asAdvance(value) {
  return value === "turn" || value === "stay" ? value : "next";
}

/** @param {number} width */
function within(width) {
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
}
