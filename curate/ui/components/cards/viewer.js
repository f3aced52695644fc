/** The dialog that shows one of the cards' pictures large, and leads to the ones before and after it. */
/** @import { ShownCard } from "../types/python.js" */
import { make, makeButton } from "../elements.js";

export class Viewer {
  /** @param {ShownCard[]} cards */
  constructor(cards) {
    this.cards = cards;
    this.position = 0;
    this.dialog = make("dialog", "viewer");
    this.picture = make("img");
    this.caption = make("p");
    this.before = makeSignButton("←", "Picture before", () => this.turnTo(this.position - 1));
    this.next = makeSignButton("→", "Next picture", () => this.turnTo(this.position + 1));
    const close = makeSignButton("✕", "Close", () => this.dialog.close());
    const footer = make("footer");
    footer.append(this.caption, this.before, this.next, close);
    this.dialog.append(this.picture, footer);
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("keydown", (event) => this.pressKey(event));
  }

  /** @param {number} position */
  open(position) {
    this.turnTo(position);
    this.dialog.showModal();
  }

  /** @param {number} position */
  turnTo(position) {
    const card = this.cards[position];
    if (!card) return;
    this.position = position;
    this.picture.src = card.view;
    this.picture.alt = this.caption.textContent = card.caption;
    this.before.disabled = position === 0;
    this.next.disabled = position === this.cards.length - 1;
  }

  /** @param {KeyboardEvent} event */
  pressKey(event) {
    event.stopPropagation(); // Streamlit would rerun on r and offer to clear caches on c
    if (event.key === "ArrowLeft") this.turnTo(this.position - 1);
    if (event.key === "ArrowRight") this.turnTo(this.position + 1);
  }
}

/**
 * @param {string} sign
 * @param {string} name
 * @param {() => void} onClick
 */
function makeSignButton(sign, name, onClick) {
  const button = makeButton("", sign);
  button.setAttribute("aria-label", name);
  button.addEventListener("click", onClick);
  return button;
}
