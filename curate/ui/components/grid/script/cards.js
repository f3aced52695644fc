/** The pictures of a page as square cards. Cards are made once and shown anew: nothing jumps when a page turns. */
/** @import { Labels } from "./labels.js" */
/** @import { Selection } from "./selection.js" */
/** @import { Item, Remark, State } from "./types.js" */
import { icon, make, setAttribute, setEmphasised, setText } from "../../elements.js";
import { PictureCard } from "../../picture_card.js";
import { SIGNS, doubtTitle, hasValue, remarksOn, suggestionText } from "./card_text.js";
import { lossText, percent } from "./format.js";

const GAP_PX = 10;
const THUMBNAIL_PX = 320; // longer side; cards a quarter larger than that show the larger view

/** One card: the picture, its sign when decided, and two lines of facts. */
class Card extends PictureCard {
  /** @param {number} position */
  constructor(position) {
    super(make("div", "card"));
    /** @type {Item | null} */
    this.item = null;
    this.isCursor = false;
    this.isSelected = false;
    this.element.id = `card-${position}`;
    setAttribute(this.element, "role", "gridcell");
    this.picture.decoding = "async";
    this.sign = make("span", "sign");
    this.by = make("span", "by");
    this.badge = make("div", "badge");
    this.badge.append(this.sign, this.by);
    this.remarks = make("div", "notes");
    const open = make("span", "open");
    open.title = "Enlarge (Space)";
    open.append(icon("enlarge"));
    this.frame.append(this.badge, this.remarks, make("i", "tick"), open);
    this.sure = make("span", "sure");
    this.names.append(this.sure);
    this.number = make("span", "number");
    this.share = make("span", "share");
    this.why = make("div", "why");
    this.element.append(this.frame, this.makeFacts());
  }

  makeFacts() {
    const facts = make("div", "facts");
    const numbers = make("div", "numbers");
    numbers.append(this.bar, this.number, this.share);
    facts.append(this.names, numbers, this.why);
    return facts;
  }

  /**
   * Shows another item, or the same one again. maxLoss: the loss that fills the bar.
   * @param {Item} item
   * @param {Labels} labels
   * @param {number} maxLoss
   * @param {boolean} isLarge
   */
  show(item, labels, maxLoss, isLarge) {
    this.item = item;
    this.showPicture(isLarge ? item.view : item.thumb);
    this.showNames(item, labels);
    if (hasValue(item.doubt)) this.showDoubt(item, item.doubt);
    else if (hasValue(item.sure_text)) this.showSureness(item, item.sure_text);
    else this.showLoss(item, maxLoss);
    this.remarks.replaceChildren(...remarksOn(item, labels).map(makeMark));
  }

  /**
   * Shows its label and, beside it, what the evidence suggests instead, or else what the model predicts.
   * @param {Item} item
   * @param {Labels} labels
   */
  showNames(item, labels) {
    const suggestion = item.suggestion ?? null;
    const other = suggestion ? suggestion.label : item.predicted;
    const action = suggestion?.action ?? "";
    const arrow = action && action !== "relabel" ? SIGNS[action] : "→";
    this.showLabels(labels.find(item.label), hasValue(other) && other !== item.label ? labels.find(other) : null, arrow);
    this.arrow.className = `arrow ${action}`;
    this.sure.hidden = action !== "delete";
    if (!suggestion) return;
    this.arrow.hidden = false;
    setText(this.sure, "delete");
    this.sure.title = this.arrow.title = `Suggested: ${suggestionText(suggestion, labels)} (Enter accepts)`;
  }

  /**
   * @param {Item} item
   * @param {number} doubt
   */
  showDoubt(item, doubt) {
    setText(this.number, item.doubt_text ?? "");
    setText(this.share, hasValue(item.loss) ? `loss ${lossText(item.loss)}` : "");
    this.showBar(doubt);
    this.number.title = doubtTitle(item.doubt_text ?? "");
    this.share.title = "Loss: how wrong the trained model finds the label; 0 is sure of it";
    setEmphasised(this.why, item.why_short ?? "");
    this.why.title = (item.why ?? "").replaceAll("*", "");
  }

  /**
   * Shows how sure a prediction for a picture without a label is.
   * @param {Item} item
   * @param {string} sureText
   */
  showSureness(item, sureText) {
    setText(this.number, sureText);
    setText(this.share, "");
    this.showBar(item.p_predicted ?? 0);
    this.number.title = "How sure the model is of the label that it suggests";
  }

  /**
   * @param {Item} item
   * @param {number} maxLoss
   */
  showLoss(item, maxLoss) {
    setText(this.number, hasValue(item.loss) ? lossText(item.loss) : "not scored");
    setText(this.share, percent(item.p_actual));
    this.showBar(hasValue(item.loss) ? Math.min(1, item.loss / maxLoss) : 0);
    this.share.title = "The probability that the model gave to the label it is filed under";
    this.number.title = "Loss: how wrong the model finds the label; 0 is sure of it";
  }

  /**
   * Shows what is decided, in colour and sign; by whom, when it was somebody else.
   * @param {State} state
   * @param {Labels} labels
   * @param {string} reviewer
   */
  showDecision(state, labels, reviewer) {
    const { decision } = state;
    setAttribute(this.element, "data-decision", decision ?? "none");
    this.element.classList.toggle("waiting", state.isWaiting);
    this.badge.hidden = !decision;
    if (!decision) return;
    setText(this.sign, SIGNS[decision] + (decision === "relabel" ? ` ${labels.name(state.label)}` : ""));
    const other = state.reviewer && state.reviewer !== reviewer ? state.reviewer : "";
    this.by.hidden = !other;
    setText(this.by, other);
    this.badge.title = other ? `Decided by ${other}` : "";
  }

  /** Draws the eye to what somebody else has just decided. */
  flash() {
    this.element.getAnimations?.().forEach((animation) => animation.cancel());
    this.element.animate?.([{ filter: "brightness(1.35)" }, { filter: "none" }], { duration: 700 });
  }

  /**
   * @param {boolean} isCursor
   * @param {boolean} isSelected
   */
  mark(isCursor, isSelected) {
    if (this.isCursor !== isCursor) this.element.classList.toggle("cursor", (this.isCursor = isCursor));
    setAttribute(this.element, "aria-selected", String(isSelected));
    if (this.isSelected !== isSelected) this.element.classList.toggle("selected", (this.isSelected = isSelected));
  }
}

/** @param {Remark} remark */
function makeMark(remark) {
  const mark = make("span", `note ${remark.kind}`);
  mark.title = remark.text;
  mark.append(icon(remark.icon));
  return mark;
}

/** All cards of the page, in rows of as many as fit. */
export class CardTable {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {Card[]} */
    this.cards = [];
    this.columns = 0;
    this.nLaidOut = 0;
    this.cardWidth = 152;
    this.width = element.clientWidth;
    new ResizeObserver(([entry]) => this.resize(entry.contentRect.width)).observe(element);
  }

  /**
   * Shows a page of items; cards that are there are used again.
   * @param {Item[]} items
   * @param {Labels} labels
   * @param {number} maxLoss
   */
  show(items, labels, maxLoss) {
    while (this.cards.length < items.length) this.cards.push(new Card(this.cards.length));
    this.cards.length = items.length;
    items.forEach((item, position) => this.cards[position].show(item, labels, maxLoss, this.isLarge));
    this.layOut();
  }

  get isLarge() {
    return this.cardWidth * devicePixelRatio > THUMBNAIL_PX * 1.25;
  }

  /**
   * Makes the cards at least so many px wide.
   * @param {number} width
   */
  setCardWidth(width) {
    const wasLarge = this.isLarge;
    this.cardWidth = width;
    if (this.isLarge !== wasLarge) {
      for (const card of this.cards) if (card.item) card.showPicture(this.isLarge ? card.item.view : card.item.thumb);
    }
    this.layOut();
  }

  /** @param {number} width */
  resize(width) {
    this.width = width;
    this.layOut();
  }

  /** Rows exist for screen readers only (CSS makes them vanish), so they are rebuilt when the columns change. */
  layOut() {
    const columns = Math.max(1, Math.floor((this.width + GAP_PX) / (this.cardWidth + GAP_PX)));
    if (columns === this.columns && this.cards.length === this.nLaidOut) return;
    this.columns = columns;
    this.nLaidOut = this.cards.length;
    this.element.style.setProperty("--columns", String(columns));
    this.element.replaceChildren(...this.makeRows());
  }

  makeRows() {
    const rows = [];
    for (let start = 0; start < this.cards.length; start += this.columns) {
      const row = make("div", "row");
      setAttribute(row, "role", "row");
      row.append(...this.cards.slice(start, start + this.columns).map((card) => card.element));
      rows.push(row);
    }
    return rows;
  }

  /**
   * Returns the position of the card that an event happened to; -1 when it happened to none.
   * @param {Event} event
   */
  positionOf({ target }) {
    const element = target instanceof Element ? target.closest(".card") : null;
    return element ? this.cards.findIndex((card) => card.element === element) : -1;
  }

  /** @param {Selection} selection */
  mark(selection) {
    this.cards.forEach((card, i) => card.mark(i === selection.cursor, selection.selected.has(i)));
    setAttribute(this.element, "aria-activedescendant", this.cards.length ? `card-${selection.cursor}` : null);
  }
}
