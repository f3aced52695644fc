/** Read-only cards and the viewer that enlarges one. Texts are only ever set as text. */
/** @import { Component } from "../types/streamlit.js" */
/** @import { CardsData, ShownCard } from "../types/python.js" */
import { make, makeButton, query } from "../elements.js";
import { PictureCard } from "../picture_card.js";
import { Viewer } from "./viewer.js";

/**
 * What a place shows now. A rerun keeps the cards that stay the same, and the viewer: pictures must not flicker.
 * @typedef {{content: string, cards: Map<string, ReadOnlyCard>, viewer: Viewer}} Shown
 * @type {WeakMap<Element, Shown>}
 */
const shown = new WeakMap();

/** @param {Component<CardsData>} component */
export default function show({ data, parentElement, setTriggerValue }) {
  const root = query(parentElement, ".cards", HTMLElement);
  const content = JSON.stringify(data);
  const before = shown.get(root);
  if (before?.content === content) return;
  const viewer = before?.viewer ?? new Viewer([]);
  viewer.cards = data.cards;
  root.style.setProperty("--size", `${data.size_px}px`);
  root.classList.toggle("large", data.is_large);
  /** @type {Map<string, ReadOnlyCard>} */
  const cards = new Map();
  data.cards.forEach((card, position) => {
    const key = JSON.stringify(card);
    const name = cards.has(key) ? `${key} ${position}` : key; // the same picture twice
    const element = before?.cards.get(name) ?? new ReadOnlyCard(card);
    element.open = () => (data.reports_clicks ? setTriggerValue("clicked", position) : viewer.open(position));
    cards.set(name, element);
  });
  shown.set(root, { content, cards, viewer });
  arrange(root, [...[...cards.values()].map((card) => card.element), viewer.dialog]);
}

/**
 * Lets these be the children of a place; those that stand where they should are not moved, which would end a dialog.
 * @param {HTMLElement} root
 * @param {HTMLElement[]} elements
 */
function arrange(root, elements) {
  const wanted = new Set(elements);
  for (const child of [...root.children]) if (!wanted.has(/** @type {HTMLElement} */ (child))) child.remove();
  let place = root.firstElementChild;
  for (const element of elements) {
    if (element === place) place = place.nextElementSibling;
    else root.insertBefore(element, place);
  }
}

class ReadOnlyCard extends PictureCard {
  /** @param {ShownCard} card */
  constructor(card) {
    const button = makeButton("card");
    super(button);
    this.open = () => {}; // set by whoever puts it into a place
    button.title = card.caption;
    button.setAttribute("aria-label", card.caption);
    button.addEventListener("click", () => this.open());
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
