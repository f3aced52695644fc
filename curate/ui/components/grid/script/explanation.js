/** Why the model says what it says of a picture: where it looked, how sure it is, and which pictures look like it. */
/** @import { Near } from "../../types/python.js" */
/** @import { ImageDetails } from "./image_details.js" */
/** @import { CloseUp, Item, Neighbours, Result } from "./types.js" */
import { closest, make, makeButton, makeLabel, query, setText, showLabel } from "../../elements.js";
import { hasValue } from "./card_text.js";
import { percent } from "./format.js";
import { Labels } from "./labels.js";
import { readStoredFields, store } from "./storage.js";

const STORED_AS = "curate.grid.heat";
const WORKING_AFTER_MS = 200;
const WORKING = "Working … the first one of a run takes some seconds.";
const NO_NEIGHBOURS = "No look-alikes yet: a quick look finds them, from what its network sees in every picture.";
const N_NEIGHBOURS = 6; // of each label

/** @typedef {[id: number, probability: number]} Share */

export class Explanation {
  /**
   * @param {HTMLElement} dialog of the one-at-a-time view
   * @param {ImageDetails} details
   */
  constructor(dialog, details) {
    this.details = details;
    this.heat = query(dialog, ".sheet .heat", HTMLImageElement);
    this.controls = query(dialog, ".heatControls", HTMLElement);
    this.toggleButton = query(dialog, "[data-heat]", HTMLElement);
    this.targets = query(dialog, ".targets", HTMLElement);
    this.slider = query(dialog, ".reasonHead input", HTMLInputElement);
    this.message = query(dialog, ".heatWords", HTMLElement);
    this.bars = query(dialog, ".bars", HTMLElement);
    this.near = query(dialog, ".near", HTMLElement);
    /** @type {Item | null} */
    this.item = null;
    this.labels = new Labels([]);
    /** @type {CloseUp["thought"]} */
    this.thought = null;
    this.hasAnswer = false; // the server's about this picture
    /** @type {number | null} */
    this.target = null; // the label that the heat map is about
    const { isOn = false, opacity = 0.7 } = readStoredFields(STORED_AS);
    this.isOn = Boolean(isOn);
    this.slider.value = String(opacity);
    this.slider.addEventListener("input", () => this.setOpacity());
    this.slider.addEventListener("change", () => this.slider.blur());
    this.toggleButton.addEventListener("click", () => this.toggle());
    this.targets.addEventListener("click", (event) => this.chooseTarget(closest(event, "button")));
    this.setOpacity();
  }

  /**
   * Shows what is known of this picture now, and the rest as it comes.
   * @param {Item} item
   * @param {Labels} labels
   */
  show(item, labels) {
    const isSame = item.image_id === this.item?.image_id;
    this.item = item;
    this.labels = labels;
    if (isSame) return;
    this.thought = null;
    this.hasAnswer = false;
    this.target = rivalOf(item);
    this.showTargets();
    this.bars.replaceChildren(...makeBars(sharesOf(item), labels));
    this.near.replaceChildren(...[item.label, rivalOf(item)].filter(hasValue).map((id) => makePlaceholder(id, labels)));
    this.showHeat();
    this.details.near(item.image_id).then((answer) => this.item === item && this.showNear(item, answer));
  }

  /**
   * Shows the server's answer about this picture.
   * @param {CloseUp} closeUp
   */
  showCloseUp({ thought }) {
    const isFirst = !this.hasAnswer;
    this.hasAnswer = true;
    this.thought = thought;
    if (!thought) return;
    if (isFirst && this.target === null) this.target = thought.rival_id;
    this.bars.replaceChildren(...makeBars(thought.top, this.labels), ...makeTrainingNote(thought.held_out));
    this.showTargets();
    if (isFirst && this.isOn && this.heat.hidden) this.showHeat();
  }

  /** Shows nothing about any picture, until one is shown again. */
  hide() {
    this.item = null;
    this.heat.hidden = true;
    this.bars.replaceChildren();
    this.near.replaceChildren();
  }

  toggle() {
    if (!this.item) return;
    this.setHeat(!this.isOn);
  }

  /** @param {HTMLElement | null} button */
  chooseTarget(button) {
    if (!button) return;
    this.target = Number(button.dataset.target);
    this.setHeat(true);
  }

  /** @param {boolean} isOn */
  setHeat(isOn) {
    this.isOn = isOn;
    this.remember();
    this.showTargets();
    this.showHeat();
  }

  showTargets() {
    this.toggleButton.setAttribute("aria-pressed", String(this.isOn));
    this.controls.classList.toggle("on", this.isOn);
    const { item } = this;
    if (!item) return;
    const choices = [...new Set([this.target, item.label, rivalOf(item), this.thought?.rival_id])].filter(hasValue);
    choices.sort((a, b) => Number(a === item.label) - Number(b === item.label));
    this.targets.replaceChildren(...choices.slice(0, 3).map((id) => this.makeTarget(id)));
  }

  /** @param {number} id */
  makeTarget(id) {
    const button = makeButton("target");
    button.dataset.target = String(id);
    button.setAttribute("aria-pressed", String(id === this.target));
    button.title = "Where the model finds what speaks for this label";
    showLabel(button, this.labels.find(id));
    return button;
  }

  /** Shows the heat map for the chosen label; while it comes, and when there is none, one sentence. */
  async showHeat() {
    const { item, target } = this;
    this.heat.hidden = true;
    this.showMessage("");
    if (!this.isOn || !item || target === null) return;
    const timer = setTimeout(() => this.isStill(item, target) && this.showMessage(WORKING), WORKING_AFTER_MS);
    const { value, error } = await this.details.heatMap(item.image_id, target);
    clearTimeout(timer);
    if (!this.isStill(item, target)) return;
    this.showMessage(error ?? "");
    this.heat.src = value ?? "";
    this.heat.hidden = !value;
  }

  /**
   * @param {Item} item
   * @param {number} target
   */
  isStill(item, target) {
    return this.isOn && this.item?.image_id === item.image_id && this.target === target;
  }

  /**
   * @param {Item} item
   * @param {Result<Neighbours>} answer
   */
  showNear(item, { value, error }) {
    if (!value || !(value.given.length + value.rival.length)) {
      this.near.replaceChildren(make("p", "quiet", error ?? NO_NEIGHBOURS));
      return;
    }
    const imagesUrl = item.thumb.replace(/[^/]+\/thumb$/, "");
    const makeLinks = (/** @type {Near[]} */ pictures) => pictures.map((near) => makeNearPicture(near, imagesUrl));
    const rows = [makeNearRow(item.label, makeLinks(value.given), this.labels)];
    if (value.rival_id !== null) rows.push(makeNearRow(value.rival_id, makeLinks(value.rival), this.labels));
    this.near.replaceChildren(...rows);
  }

  /**
   * Fetches what the next picture needs while this one is looked at.
   * @param {Item} item
   */
  prefetch(item) {
    this.details.near(item.image_id);
    const rival = rivalOf(item);
    if (this.isOn && rival !== null) this.details.heatMap(item.image_id, rival);
  }

  /** @param {string} text */
  showMessage(text) {
    setText(this.message, text);
    this.message.hidden = !text;
  }

  setOpacity() {
    this.heat.style.opacity = this.slider.value;
    this.remember();
  }

  remember() {
    store(STORED_AS, { isOn: this.isOn, opacity: Number(this.slider.value) });
  }
}

/**
 * Returns the label that stands against the given one, as far as the card knows.
 * @param {Item} item
 */
function rivalOf(item) {
  const other = [item.suggestion?.label, item.predicted].find((id) => hasValue(id) && id !== item.label);
  return other ?? item.predicted ?? null;
}

/**
 * Returns the probabilities that the card knows.
 * @param {Item} item
 */
function sharesOf(item) {
  /** @type {Map<number, number>} */
  const shares = new Map();
  if (item.predicted !== null && item.p_predicted !== null) shares.set(item.predicted, item.p_predicted);
  if (item.p_actual !== null) shares.set(item.label, item.p_actual);
  return [...shares];
}

/**
 * @param {Share[]} shares
 * @param {Labels} labels
 */
function makeBars(shares, labels) {
  return shares.map(([id, share]) => {
    const row = make("div", "shareRow");
    const track = make("span", "track");
    const fill = make("i", "fill");
    fill.style.transform = `scaleX(${share})`;
    track.append(fill);
    row.append(makeLabel(labels.find(id)), track, make("span", "number", percent(share)));
    return row;
  });
}

/**
 * Returns a note on a picture that the model was trained on: that it is called right says little.
 * @param {boolean} isHeldOut
 */
function makeTrainingNote(isHeldOut) {
  return isHeldOut ? [] : [make("p", "quiet", "It learnt from this picture, and may only remember its label.")];
}

/**
 * @param {number} id
 * @param {Labels} labels
 */
function makePlaceholder(id, labels) {
  return makeNearRow(id, Array.from({ length: N_NEIGHBOURS }, () => make("span", "blank")), labels);
}

/**
 * @param {number} id
 * @param {HTMLElement[]} pictures
 * @param {Labels} labels
 */
function makeNearRow(id, pictures, labels) {
  const row = make("div", "nearRow");
  const title = make("p", "quiet", "Nearest in ");
  title.append(makeLabel(labels.find(id)));
  const strip = make("div", "strip");
  strip.append(...pictures);
  if (!pictures.length) strip.append(make("span", "quiet", "none that could be compared"));
  row.append(title, strip);
  return row;
}

/**
 * @param {Near} near
 * @param {string} imagesUrl
 */
function makeNearPicture(near, imagesUrl) {
  const link = make("a");
  const picture = new Image();
  picture.src = `${imagesUrl}${near.sha}/thumb`;
  picture.alt = near.file_name;
  link.href = `${imagesUrl}${near.sha}/view`;
  link.title = `${near.file_name}: alike by ${near.similarity.toFixed(2)} (1 = the same)`;
  link.target = "_blank";
  link.append(picture);
  return link;
}
