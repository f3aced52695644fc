/** The pictures of a page as square cards. Cards are made once and shown anew: nothing jumps when a page turns. */
import { icon, make, setAttribute, setEmphasised, setText, showLabel } from "../../elements.js";
import { lossWords, percent } from "./format.js";
import { SIGNS, hasValue, notesOf, suggestionWords } from "./card_text.js";

const TINY_PX = 96; // pictures up to this size are enlarged in clean squares, not blurred
const GAP_PX = 10;
const THUMBNAIL_PX = 320; // longer side; cards a quarter larger than that show the larger view

/** One card: picture, its sign when decided, and two lines of facts. */
class Card {
  constructor(position) {
    this.element = make("div", "card");
    this.element.id = `card-${position}`;
    setAttribute(this.element, "role", "gridcell");
    this.frame = make("div", "frame");
    this.picture = new Image();
    this.picture.decoding = "async";
    this.picture.draggable = false;
    this.picture.addEventListener("load", () => this.pictureArrived());
    this.picture.addEventListener("error", () => this.setPictureState("broken"));
    this.sign = make("span", "sign");
    this.by = make("span", "by");
    this.badge = make("div", "badge");
    this.badge.append(this.sign, this.by);
    this.notes = make("div", "notes");
    const open = make("span", "open");
    open.title = "Enlarge (Space)";
    open.append(icon("enlarge"));
    this.frame.append(this.picture, this.badge, this.notes, make("i", "tick"), open);
    this.element.append(this.frame, this.makeFacts());
  }

  makeFacts() {
    const facts = make("div", "facts");
    this.label = make("span", "label");
    this.arrow = make("span", "arrow", "→");
    this.predicted = make("span", "label predicted");
    this.sure = make("span", "sure");
    this.actual = make("span", "share");
    this.why = make("div", "why");
    this.bar = make("i", "fill");
    this.loss = make("span", "number");
    const names = make("div", "names");
    names.append(this.label, this.arrow, this.predicted, this.sure);
    const numbers = make("div", "numbers");
    const track = make("span", "track");
    track.append(this.bar);
    numbers.append(track, this.loss, this.actual);
    facts.append(names, numbers, this.why);
    return facts;
  }

  /** Show another item, or the same one again. */
  show(item, labels, maxLoss, isLarge) {
    this.item = item;
    this.showPicture(isLarge ? item.view : item.thumb);
    showLabel(this.label, labels.find(item.label));
    this.showOther(item, labels);
    if (hasValue(item.doubt)) this.showDoubt(item);
    else this.showScore(item, maxLoss);
    this.notes.replaceChildren(...notesOf(item, labels).map(noteMark));
  }

  /** Beside its label: what the evidence suggests instead, or else what the model took it for. */
  showOther(item, labels) {
    const { suggestion } = item;
    const other = suggestion ? suggestion.label : item.predicted;
    const hasOther = hasValue(other) && other !== item.label;
    const action = suggestion?.action ?? "";
    this.arrow.className = `arrow ${action}`;
    setText(this.arrow, action && action !== "relabel" ? SIGNS[action] : "→");
    this.arrow.hidden = !hasOther && !suggestion;
    this.predicted.hidden = !hasOther;
    if (hasOther) showLabel(this.predicted, labels.find(other));
    this.sure.hidden = !suggestion;
    if (!suggestion) return;
    setText(this.sure, action === "delete" ? "delete" : percent(suggestion.p));
    this.sure.title = this.arrow.title = `Suggested: ${suggestionWords(suggestion, labels)} (Enter accepts)`;
  }

  showDoubt(item) {
    setText(this.loss, percent(item.doubt));
    setText(this.actual, hasValue(item.loss) ? `loss ${lossWords(item.loss)}` : "");
    this.bar.style.transform = `scaleX(${item.doubt})`;
    this.loss.title = "Doubt: how sure models that had not seen the picture are that its label is wrong";
    this.actual.title = "Loss: how wrong the trained model finds the label; 0 is sure of it";
    setEmphasised(this.why, item.why_short ?? "");
    this.why.title = (item.why ?? "").replaceAll("*", "");
  }

  showScore(item, maxLoss) {
    const hasScore = hasValue(item.loss);
    setText(this.loss, hasScore ? lossWords(item.loss) : "not scored");
    setText(this.actual, percent(item.p_actual));
    this.bar.style.transform = `scaleX(${hasScore ? Math.min(1, item.loss / maxLoss) : 0})`;
    this.actual.title = "The probability that the model gave to the label it is filed under";
    this.loss.title = "Loss: how wrong the model finds the label; 0 is sure of it";
  }

  /** While another picture loads, the old one must not be seen above the new one's facts. */
  showPicture(url) {
    if (this.picture.getAttribute("src") === url) return;
    this.setPictureState("loading");
    this.picture.src = url;
    this.picture.alt = "";
    if (this.picture.complete && this.picture.naturalWidth) this.pictureArrived();
  }

  pictureArrived() {
    this.setPictureState("ready");
    this.frame.classList.toggle("tiny", Math.max(this.picture.naturalWidth, this.picture.naturalHeight) <= TINY_PX);
  }

  setPictureState(state) {
    setAttribute(this.frame, "data-picture", state);
  }

  /** Show what is decided, in colour and sign; by whom, when it was somebody else. */
  decide(state, labels, reviewer) {
    const name = state.decision ?? "none";
    setAttribute(this.element, "data-decision", name);
    this.element.classList.toggle("waiting", state.isWaiting);
    this.badge.hidden = !state.decision;
    if (!state.decision) return;
    setText(this.sign, SIGNS[name] + (name === "relabel" ? ` ${labels.name(state.label)}` : ""));
    const isOther = Boolean(state.reviewer) && state.reviewer !== reviewer;
    this.by.hidden = !isOther;
    setText(this.by, isOther ? state.reviewer : "");
    this.badge.title = isOther ? `Decided by ${state.reviewer}` : "";
  }

  /** Draw the eye to what somebody else has just decided. */
  flash() {
    this.element.getAnimations?.().forEach((animation) => animation.cancel());
    this.element.animate?.([{ filter: "brightness(1.35)" }, { filter: "none" }], { duration: 700 });
  }

  mark(isCursor, isSelected) {
    if (this.isCursor !== isCursor) this.element.classList.toggle("cursor", (this.isCursor = isCursor));
    if (this.isSelected === isSelected) return;
    this.element.classList.toggle("selected", (this.isSelected = isSelected));
    setAttribute(this.element, "aria-selected", String(isSelected));
  }
}

function noteMark(note) {
  const mark = make("span", `note ${note.kind ?? ""}`);
  mark.title = note.words;
  mark.append(icon(note.icon));
  return mark;
}

/** All cards of the page, in rows of as many as fit. */
export class CardTable {
  constructor(element) {
    this.element = element;
    this.cards = [];
    this.columns = 0;
    this.cardWidth = 152;
    this.width = element.clientWidth;
    new ResizeObserver(([entry]) => this.resize(entry.contentRect.width)).observe(element);
  }

  /** Show a page of items: cards that are there are used again. */
  show(items, labels, maxLoss) {
    while (this.cards.length < items.length) this.cards.push(new Card(this.cards.length));
    this.cards.length = items.length;
    items.forEach((item, position) => this.cards[position].show(item, labels, maxLoss, this.isLarge));
    this.layOut();
  }

  get isLarge() {
    return this.cardWidth * devicePixelRatio > THUMBNAIL_PX * 1.25;
  }

  /** Make the cards at least so many px wide. */
  setCardWidth(width) {
    const wasLarge = this.isLarge;
    this.cardWidth = width;
    if (this.isLarge !== wasLarge) {
      for (const card of this.cards) card.showPicture(this.isLarge ? card.item.view : card.item.thumb);
    }
    this.layOut();
  }

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
    this.element.replaceChildren(...this.rows());
  }

  rows() {
    const rows = [];
    for (let start = 0; start < this.cards.length; start += this.columns) {
      const row = make("div", "row");
      setAttribute(row, "role", "row");
      row.append(...this.cards.slice(start, start + this.columns).map((card) => card.element));
      rows.push(row);
    }
    return rows;
  }

  /** The position of the card that `node` is part of; -1 when it is part of none. */
  positionOf(node) {
    const element = node.closest?.(".card");
    return element ? this.cards.findIndex((card) => card.element === element) : -1;
  }

  mark(selection) {
    this.cards.forEach((card, i) => card.mark(i === selection.cursor, selection.picked.has(i)));
    setAttribute(this.element, "aria-activedescendant", this.cards.length ? `card-${selection.cursor}` : null);
  }
}

const prefetched = new Map();
const MAX_PREFETCHED = 400;

/** Load pictures that will be wanted soon. They are held on to: the browser then shows them without a flicker. */
export function prefetch(urls) {
  for (const url of urls) {
    if (prefetched.has(url)) continue;
    const picture = new Image();
    picture.src = url;
    prefetched.set(url, picture);
  }
  const nTooMany = Math.max(0, prefetched.size - MAX_PREFETCHED);
  for (const url of [...prefetched.keys()].slice(0, nTooMany)) prefetched.delete(url);
}
