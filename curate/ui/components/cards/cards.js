/** Read-only cards and the viewer that enlarges one. Texts are only ever set as text. */
/** @import { Component } from "../types/streamlit.js" */
/** @import { CardsData, ShownCard } from "../types/python.js" */
import { make, makeButton, query } from "../elements.js";
import { PictureCard } from "../picture_card.js";
import { Viewer } from "./viewer.js";

/** @type {WeakMap<Element, string>} */
const shown = new WeakMap(); // what each place shows now: pictures must not flicker at a rerun that changes nothing

/** @param {Component<CardsData>} component */
export default function show({ data, parentElement }) {
  const root = query(parentElement, ".cards", HTMLElement);
  const content = JSON.stringify(data);
  if (shown.get(root) === content) return;
  shown.set(root, content);
  root.style.setProperty("--size", `${data.size_px}px`);
  root.classList.toggle("large", data.is_large);
  const viewer = new Viewer(data.cards);
  const cards = data.cards.map((card, position) => new ReadOnlyCard(card, () => viewer.open(position)));
  root.replaceChildren(...cards.map((card) => card.element), viewer.dialog);
}

class ReadOnlyCard extends PictureCard {
  /**
   * @param {ShownCard} card
   * @param {() => void} open
   */
  constructor(card, open) {
    const button = makeButton("card");
    super(button);
    button.title = card.caption;
    button.setAttribute("aria-label", card.caption);
    button.addEventListener("click", open);
    button.append(this.frame);
    this.picture.loading = "lazy";
    this.showPicture(card.thumb);
    if (card.sign) this.frame.append(makeSign(card));
    const [label, other = null] = card.labels;
    if (label) {
      this.showLabels(label, other);
      button.append(this.names);
    }
    if (card.shares.length) button.append(this.makeNumbers(card.shares));
    button.append(...card.lines.map((line) => make("span", "small", line)));
  }

  /** @param {ShownCard["shares"]} shares */
  makeNumbers(shares) {
    const row = make("span", "numbers");
    const [first, last] = [shares[0].share, shares[shares.length - 1].share];
    if (shares.length === 1) this.showBar(first);
    else {
      this.showBar(last, first);
      this.bar.append(makeEnd("from", first), makeEnd("to", last));
    }
    row.append(this.bar, make("span", "number", shares.map((share) => share.text).join(" → ")));
    return row;
  }
}

/** @param {ShownCard} card */
function makeSign(card) {
  const sign = make("span", "sign", card.sign);
  sign.style.background = card.sign_colour;
  sign.title = card.decision_text;
  return sign;
}

/**
 * @param {"from" | "to"} name
 * @param {number} share
 */
function makeEnd(name, share) {
  const end = make("span", name);
  end.style.left = `${100 * share}%`;
  return end;
}
