/** How this person likes to look at pictures, remembered in this browser. */

const STORED_AS = "curate.grid.preferences";
const INITIAL = { fit: "contain", size: 1, advance: true };

/** Smallest card widths in px, from small to large. */
export const CARD_WIDTHS = [112, 152, 208, 288];

export class Preferences {
  constructor() {
    Object.assign(this, INITIAL, read());
    this.size = CARD_WIDTHS[this.size] ? this.size : INITIAL.size;
  }

  /** Change one choice and remember it. */
  set(name, value) {
    this[name] = value;
    try {
      localStorage.setItem(STORED_AS, JSON.stringify({ fit: this.fit, size: this.size, advance: this.advance }));
    } catch {
      // Private windows may refuse storage; the choice then lasts as long as the page.
    }
  }
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(STORED_AS)) ?? {};
  } catch {
    return {};
  }
}
