/** Why the model says what it says of a picture: where it looked, how sure it is, and which pictures look like it. */
import { make, setText, showLabel } from "../../elements.js";
import { percent } from "./format.js";
import { hasValue } from "./card_text.js";

const STORED_AS = "curate.grid.heat";
const WORKING_AFTER_MS = 200;
const WORKING = "Working … the first one of a run takes some seconds.";
const LOOKED_FOR = 6; // pictures of each label

export class Reason {
  /** `heat` is the image element over the picture, `parts` hold controls, bars and neighbours. */
  constructor(heat, parts, closeups) {
    Object.assign(this, { heat, closeups }, parts);
    const { isOn = false, opacity = 0.7 } = read();
    this.isOn = isOn;
    this.slider.value = String(opacity);
    this.slider.addEventListener("input", () => this.fade());
    this.slider.addEventListener("change", () => this.slider.blur());
    this.toggleButton.addEventListener("click", () => this.toggle());
    this.targets.addEventListener("click", (event) => this.chooseTarget(event.target.closest("button")));
    this.fade();
  }

  /** Show what is known of this picture now, and the rest as it comes. */
  show(item, labels) {
    const isOther = item.image_id !== this.item?.image_id;
    Object.assign(this, { item, labels });
    if (!isOther) return;
    this.about = null;
    this.target = rivalOf(item);
    this.showTargets();
    this.bars.replaceChildren(...shareBars(pairsOf(item), labels));
    this.near.replaceChildren(...[item.label, rivalOf(item)].filter(hasValue).map((id) => waiting(id, labels)));
    this.showHeat();
    this.closeups.near(item.image_id).then((answer) => this.item === item && this.showNear(answer));
  }

  /** The server's answer about this picture has come. */
  learn({ thought }) {
    const isFirst = !this.about;
    this.about = thought ?? {};
    if (!thought) return;
    if (isFirst && !hasValue(this.target)) this.target = thought.rival_id;
    this.bars.replaceChildren(...shareBars(thought.top, this.labels), ...remembers(thought));
    this.showTargets();
    if (isFirst && this.isOn && this.heat.hidden) this.showHeat();
  }

  toggle() {
    this.isOn = !this.isOn;
    this.remember();
    this.showTargets();
    this.showHeat();
  }

  chooseTarget(button) {
    if (!button) return;
    this.target = Number(button.dataset.target);
    this.isOn = true;
    this.remember();
    this.showTargets();
    this.showHeat();
  }

  showTargets() {
    this.toggleButton.setAttribute("aria-pressed", String(this.isOn));
    this.controls.classList.toggle("on", this.isOn);
    const choices = [...new Set([this.target, this.item.label, rivalOf(this.item), this.about?.rival_id])].filter(hasValue);
    choices.sort((a, b) => Number(a === this.item.label) - Number(b === this.item.label));
    const buttons = choices.slice(0, 3).map((id) => {
      const button = make("button", "target");
      button.type = "button";
      button.dataset.target = id;
      button.setAttribute("aria-pressed", String(id === this.target));
      button.title = "Where the model finds what speaks for this label";
      showLabel(button, this.labels.find(id));
      return button;
    });
    this.targets.replaceChildren(...buttons);
  }

  /** The heat map for the chosen label; while it comes, and when there is none, one sentence. */
  async showHeat() {
    const { item, target } = this;
    this.heat.hidden = true;
    this.say("");
    if (!this.isOn || !hasValue(target)) return;
    const timer = setTimeout(() => this.isStill(item, target) && this.say(WORKING), WORKING_AFTER_MS);
    const { value, error } = await this.closeups.heat(item.image_id, target);
    clearTimeout(timer);
    if (!this.isStill(item, target)) return;
    this.say(error ?? "");
    this.heat.src = value ?? "";
    this.heat.hidden = !value;
  }

  isStill(item, target) {
    return this.isOn && this.item?.image_id === item.image_id && this.target === target;
  }

  showNear({ value, error }) {
    if (error || !(value.given.length + value.rival.length)) {
      const none = "No look-alikes yet: a quick look finds them, from what its network sees in every picture.";
      this.near.replaceChildren(make("p", "quiet", error ?? none));
      return;
    }
    const rows = [[this.item.label, value.given], [value.rival_id, value.rival]].filter(([id]) => hasValue(id));
    const pictures = this.item.thumb.replace(/[^/]+\/thumb$/, "");
    this.near.replaceChildren(...rows.map(([id, found]) => nearRow(id, found, this.labels, pictures)));
  }

  /** Have the next pictures' maps made while this one is looked at. */
  prefetch(item) {
    this.closeups.near(item.image_id);
    if (this.isOn && hasValue(rivalOf(item))) this.closeups.heat(item.image_id, rivalOf(item));
  }

  say(words) {
    setText(this.words, words);
    this.words.hidden = !words;
  }

  fade() {
    this.heat.style.opacity = this.slider.value;
    this.remember();
  }

  remember() {
    try {
      localStorage.setItem(STORED_AS, JSON.stringify({ isOn: this.isOn, opacity: Number(this.slider.value) }));
    } catch {
      // Private windows may refuse storage; the choice then lasts as long as the page.
    }
  }
}

/** The label that stands against the given one, as far as the card knows. */
function rivalOf(item) {
  const other = [item.suggestion?.label, item.predicted].find((id) => hasValue(id) && id !== item.label);
  return other ?? item.predicted ?? null;
}

function pairsOf(item) {
  const pairs = item.top ?? [[item.predicted, item.p_predicted], [item.label, item.p_actual]];
  return [...new Map(pairs.filter(([id, share]) => hasValue(id) && hasValue(share)))];
}

function shareBars(pairs, labels) {
  return pairs.map(([id, share]) => {
    const row = make("div", "shareRow");
    const track = make("span", "track");
    track.append(make("i", "fill"));
    track.firstChild.style.transform = `scaleX(${share})`;
    row.append(chip(id, labels), track, make("span", "number", percent(share)));
    return row;
  });
}

/** A training picture that the model learnt from says little by being called right. */
function remembers(thought) {
  return thought.held_out ? [] : [make("p", "quiet", "It learnt from this picture, and may only remember its label.")];
}

function chip(id, labels) {
  const found = make("span", "label");
  showLabel(found, labels.find(id));
  return found;
}

function waiting(id, labels) {
  return nearRow(id, Array(LOOKED_FOR).fill(null), labels);
}

function nearRow(id, found, labels, pictures) {
  const row = make("div", "nearRow");
  const title = make("p", "quiet", "Nearest in ");
  title.append(chip(id, labels));
  const strip = make("div", "strip");
  strip.append(...found.map((near) => (near ? nearPicture(near, pictures) : make("span", "blank"))));
  if (!found.length) strip.append(make("span", "quiet", "none that could be compared"));
  row.append(title, strip);
  return row;
}

function nearPicture(near, pictures) {
  const link = make("a");
  const picture = new Image();
  picture.src = `${pictures}${near.sha}/thumb`;
  picture.alt = near.file_name;
  link.href = `${pictures}${near.sha}/view`;
  link.title = `${near.file_name}: alike by ${near.similarity.toFixed(2)} (1 = the same)`;
  link.target = "_blank";
  link.append(picture);
  return link;
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(STORED_AS)) ?? {};
  } catch {
    return {};
  }
}
