/**
 * What every picture card is made of, wherever it is shown: the picture in its square frame, one or two labels, and a
 * bar. The grid, the read-only cards and the map each add what only they show. Style: picture_card.css.
 */
import { make, setAttribute, setText, showLabel } from "./elements.js";

/** @typedef {{name: string, colour: string}} ShownLabel */

const TINY_PX = 96; // pictures up to this size are enlarged in clean squares, not blurred

export class PictureCard {
  /** @param {HTMLElement} element that becomes the card */
  constructor(element) {
    this.element = element;
    this.frame = make("span", "frame");
    this.picture = new Image();
    this.picture.alt = ""; // the card says in text what it shows
    this.picture.draggable = false;
    this.picture.addEventListener("load", () => this.showArrived());
    this.picture.addEventListener("error", () => this.setPictureState("broken"));
    this.frame.append(this.picture);
    this.names = make("span", "names");
    this.label = make("span", "label");
    this.arrow = make("span", "arrow", "→");
    this.other = make("span", "label other");
    const second = make("span", "second");
    second.append(this.arrow, this.other);
    this.names.append(this.label, second);
    this.bar = make("span", "track");
    this.fill = make("i", "fill");
    this.bar.append(this.fill);
  }

  /**
   * Shows the picture at an address. While it loads, the one before is hidden: it would stand above other facts.
   * @param {string} url
   */
  showPicture(url) {
    if (this.picture.getAttribute("src") === url) return;
    this.setPictureState("loading");
    this.picture.src = url;
    if (this.picture.complete && this.picture.naturalWidth) this.showArrived();
  }

  showArrived() {
    this.setPictureState("ready");
    const longer = Math.max(this.picture.naturalWidth, this.picture.naturalHeight);
    this.frame.classList.toggle("tiny", longer <= TINY_PX);
  }

  /** @param {"loading" | "ready" | "broken"} state */
  setPictureState(state) {
    setAttribute(this.frame, "data-picture", state);
  }

  /**
   * Shows a label and, behind an arrow, another one; null = only the first.
   * @param {ShownLabel} label
   * @param {ShownLabel | null} other
   * @param {string} [arrow]
   */
  showLabels(label, other, arrow = "→") {
    showLabel(this.label, label);
    this.label.title = label.name;
    this.other.title = other?.name ?? "";
    const nLetters = other?.name.length ?? 0;
    this.names.style.setProperty("--letters", `${other ? label.name.length + nLetters : 0}`);
    this.names.style.setProperty("--other-letters", `${nLetters}`);
    setText(this.arrow, arrow);
    this.arrow.hidden = this.other.hidden = other === null;
    if (other) showLabel(this.other, other);
  }

  /**
   * Fills the bar from one share of its length to another; both in [0, 1].
   * @param {number} to
   * @param {number} [from]
   */
  showBar(to, from = 0) {
    this.fill.style.transform = `translateX(${100 * Math.min(from, to)}%) scaleX(${Math.abs(to - from)})`;
  }
}
