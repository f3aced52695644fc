/** How this person likes to look at pictures, remembered in this browser. */

const STORED_AS = "curate.grid.preferences";
const INITIAL = { fit: "contain", width: 152, advance: "next" };
const STEP = 1.2; // from one size to the next by key

/** Smallest widths of a card in px, between which the slider goes. */
export const NARROWEST = 88;
export const WIDEST = 480;
/** After a decision on one card: go to the next, turn the page too at its end, or stay. */
export const ADVANCES = ["next", "turn", "stay"];

export class Preferences {
  constructor() {
    const stored = read();
    this.fit = stored.fit === "cover" ? "cover" : INITIAL.fit;
    this.width = within(Number(stored.width) || INITIAL.width);
    this.advance = ADVANCES.includes(stored.advance) ? stored.advance : INITIAL.advance;
  }

  /** Change one choice and remember it. */
  set(name, value) {
    this[name] = name === "width" ? within(Number(value)) : value;
    try {
      const { fit, width, advance } = this;
      localStorage.setItem(STORED_AS, JSON.stringify({ fit, width, advance }));
    } catch {
      // Private windows may refuse storage; the choice then lasts as long as the page.
    }
  }

  get wider() {
    return this.width * STEP;
  }

  get narrower() {
    return this.width / STEP;
  }
}

function within(width) {
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(STORED_AS)) ?? {};
  } catch {
    return {};
  }
}
