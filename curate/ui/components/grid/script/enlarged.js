/**
 * One picture at a time, large, with all that is known of it. It shows the cursor's card: keys mean what they mean in the
 * grid, but for those that zoom and show the heat map.
 */
/** @import { Labels } from "./labels.js" */
/** @import { CloseUp, GridData, Item, Remark, Result, State } from "./types.js" */
import { closest, icon, isField, make, makeButton, makeLabel, query, setAttribute, setEmphasised, setText } from "../../elements.js";
import { SIGNS, hasValue, remarksOn, suggestionText } from "./card_text.js";
import { Explanation } from "./explanation.js";
import { lossText } from "./format.js";
import { ImageDetails } from "./image_details.js";
import { makeFact, makeSections } from "./image_sections.js";
import { Zoom } from "./zoom.js";

const SHARP_PX = 3; // so many of the screen's pixels for one of the picture's: squares are clearer than blur
/** @type {Record<string, string>} */
const DECIDED = { keep: "Keep", delete: "Delete" };
/** @type {Record<string, string>} */
const SPLITS = { train: "Training", valid: "Validation" };

export class Enlarged {
  /**
   * @param {HTMLDialogElement} dialog
   * @param {(step: 1 | -1) => void} onSwipe steps to the next or previous picture
   */
  constructor(dialog, onSwipe) {
    this.dialog = dialog;
    this.stage = query(dialog, ".stage", HTMLElement);
    this.picture = query(dialog, ".sheet .picture", HTMLImageElement);
    this.badge = query(dialog, ".stage .badge", HTMLElement);
    this.facts = query(dialog, ".facts", HTMLElement);
    this.file = query(dialog, ".file", HTMLElement);
    this.place = query(dialog, ".place", HTMLElement);
    this.background = query(dialog, ".background", HTMLElement);
    this.scaleText = query(dialog, "[data-zoom='fit']", HTMLElement);
    this.url = ""; // of the large picture
    this.widthPx = 0; // of the original; 0 = not known yet
    /** @type {Promise<Result<CloseUp>> | null} */
    this.closeUp = null; // what the background shows, or will
    this.imageId = -1; // whose background is shown
    this.details = new ImageDetails();
    this.explanation = new Explanation(dialog, this.details);
    const sheet = query(dialog, ".sheet", HTMLElement);
    this.zoom = new Zoom(this.stage, sheet, (scale) => this.showScale(scale), onSwipe);
    dialog.addEventListener("keydown", (event) => this.pressKey(event));
    dialog.addEventListener("click", (event) => this.click(event));
  }

  get isOpen() {
    return this.dialog.open;
  }

  open() {
    this.dialog.showModal();
    this.dialog.focus();
    this.zoom.fit();
  }

  close() {
    this.dialog.close();
  }

  /** @param {KeyboardEvent} event */
  pressKey(event) {
    const action = this.actionOf(event.key);
    if (!action || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    event.stopPropagation();
    event.preventDefault();
    action();
  }

  /**
   * @param {string} key
   * @returns {(() => void) | null}
   */
  actionOf(key) {
    if (key === "+" || key === "=") return () => this.zoom.enlarge();
    if (key === "-") return () => this.zoom.shrink();
    if (key === "0") return () => this.zoom.reset();
    return key === "h" || key === "H" ? () => this.explanation.toggle() : null;
  }

  /** @param {MouseEvent} event */
  click(event) {
    const zoom = closest(event, "[data-zoom]")?.dataset.zoom;
    if (zoom === "in") this.zoom.enlarge();
    else if (zoom === "out") this.zoom.shrink();
    else if (zoom === "fit") this.zoom.reset();
    else if (event.target === this.stage && !this.zoom.hasMoved && this.zoom.scale === 1) this.close();
  }

  /** @param {number} scale */
  showScale(scale) {
    setText(this.scaleText, `${Math.round(scale * 100)} %`);
    const shownPx = this.picture.clientWidth * scale * devicePixelRatio;
    this.stage.classList.toggle("sharp", this.widthPx > 0 && shownPx / this.widthPx >= SHARP_PX);
  }

  /**
   * Shows an item and what is decided about it. place: text such as "3 of 48"; next: items to fetch ahead.
   * @param {Item} item
   * @param {Labels} labels
   * @param {string} place
   * @param {Item[]} next
   * @param {Pick<GridData, "post_url" | "run_id" | "token" | "is_blind">} data
   * @param {State} state
   */
  show(item, labels, place, next, data, state) {
    this.details.connect(data);
    setText(this.place, place);
    setText(this.file, item.file_name);
    this.showPicture(item);
    this.showDecision(state, labels);
    if (data.is_blind) this.hideKnown();
    else this.showKnown(item, labels, next, state);
  }

  /**
   * Shows what is known of an item beside its picture. next: items to fetch ahead.
   * @param {Item} item
   * @param {Labels} labels
   * @param {Item[]} next
   * @param {State} state
   */
  showKnown(item, labels, next, state) {
    const remarks = remarksOn(item, labels);
    const comments = remarks.filter((remark) => remark.kind === "noted"); // above what is measured
    const others = remarks.filter((remark) => remark.kind !== "noted");
    const facts = [...makeRemarks(comments), ...makeFacts(item, labels), ...makeRemarks(others)];
    this.facts.replaceChildren(...makeSuggestion(item, labels), ...facts);
    this.explanation.show(item, labels);
    this.showBackground(item, labels, state);
    for (const upcoming of next) this.prefetch(upcoming);
  }

  /** Removes all that a model says, and the picture's story: nothing of it is fetched. */
  hideKnown() {
    this.facts.replaceChildren();
    this.background.replaceChildren();
    this.closeUp = null;
    this.imageId = -1;
    this.explanation.hide();
  }

  /** @param {Item} item */
  prefetch(item) {
    this.details.closeUp(item.image_id);
    this.explanation.prefetch(item);
  }

  /**
   * Shows at once what was known a moment ago, then what the server says now.
   * @param {Item} item
   * @param {Labels} labels
   * @param {State} state
   */
  showBackground(item, labels, state) {
    // Once a decision or a comment has arrived, the story is another one.
    const mark = state.isWaiting ? null : `${state.decision} ${state.label} ${state.reviewer} ${item.nComments ?? 0}`;
    const { answer, done, before } = this.details.closeUp(item.image_id, mark);
    if (answer === this.closeUp) return;
    this.closeUp = answer;
    const known = done ?? before;
    if (known) this.showCloseUp(known, labels);
    else if (item.image_id !== this.imageId) this.background.replaceChildren();
    if (!done) answer.then((closeUp) => this.closeUp === answer && this.showCloseUp(closeUp, labels));
    this.imageId = item.image_id;
  }

  /**
   * @param {Result<CloseUp>} closeUp
   * @param {Labels} labels
   */
  showCloseUp({ value, error }, labels) {
    this.background.replaceChildren(...(value ? makeSections(value, labels) : [make("p", "quiet", error)]));
    if (!value) return;
    this.widthPx = value.width;
    this.zoom.setShape(value.width, value.height);
    this.showScale(this.zoom.scale);
    this.explanation.showCloseUp(value);
  }

  /**
   * Shows the card's thumbnail at once, the large picture as soon as it is here, in the same place and size.
   * @param {Item} item
   */
  showPicture(item) {
    if (this.url === item.view) return;
    this.url = item.view;
    this.widthPx = 0;
    this.zoom.reset();
    this.picture.alt = item.file_name;
    this.picture.src = item.thumb;
    this.picture.decode().then(() => this.takeShape(item, this.picture), () => {});
    const large = new Image();
    large.src = item.view;
    large.decode().then(() => this.url === item.view && this.showLarge(item, large), () => {}); // else the thumbnail stays
  }

  /**
   * @param {Item} item
   * @param {HTMLImageElement} large
   */
  showLarge(item, large) {
    this.picture.src = large.src;
    this.takeShape(item, large);
  }

  /**
   * @param {Item} item
   * @param {HTMLImageElement} picture
   */
  takeShape(item, picture) {
    if (this.url === item.view) this.zoom.setShape(picture.naturalWidth, picture.naturalHeight);
  }

  /**
   * @param {State} state
   * @param {Labels} labels
   */
  showDecision({ decision, label, reviewer }, labels) {
    setAttribute(this.stage, "data-decision", decision ?? "none");
    this.badge.hidden = !decision;
    if (!decision) return;
    const text = decision === "relabel" ? labels.name(label) : DECIDED[decision];
    setText(this.badge, `${SIGNS[decision]} ${text}${reviewer ? ` · ${reviewer}` : ""}`);
  }
}

/**
 * Returns what the evidence suggests, as a button, and why; nothing without a suggestion.
 * @param {Item} item
 * @param {Labels} labels
 */
function makeSuggestion({ suggestion, why }, labels) {
  if (!suggestion) return [];
  const box = make("div", "suggestion");
  const button = makeButton(`action ${suggestion.action}`);
  button.dataset.command = "accept";
  const text = `Accept: ${suggestionText(suggestion, labels)}`;
  button.append(make("b", "", SIGNS[suggestion.action]), make("span", "words", text), make("kbd", "", "Enter"));
  box.append(button);
  if (why) {
    const reason = make("p");
    setEmphasised(reason, why);
    box.append(reason);
  }
  return [box];
}

/**
 * @param {Item} item
 * @param {Labels} labels
 */
function makeFacts(item, labels) {
  const facts = [makeFact("Label", makeLabel(labels.find(item.label)))];
  if (hasValue(item.predicted)) facts.push(makeFact("Predicted", makeLabel(labels.find(item.predicted))));
  if (item.doubt_text) facts.push(makeFact("Doubt", make("span", "", item.doubt_text)));
  if (hasValue(item.loss)) facts.push(makeFact("Loss", make("span", "", lossText(item.loss))));
  if (item.split) facts.push(makeFact("Split", make("span", "", SPLITS[item.split] ?? item.split)));
  return facts;
}

/** @param {Remark[]} remarks */
function makeRemarks(remarks) {
  return remarks.map((remark) => {
    const row = make("p", `noteRow ${remark.kind}`);
    row.append(icon(remark.icon), make("span", "", remark.text));
    return row;
  });
}
