/**
 * One picture at a time, large, with all that is known of it. It shows the cursor's card: all keys go on meaning what
 * they mean in the grid, but for those that zoom and show the heat map.
 */
import { backgroundOf } from "./image_sections.js";
import { Closeups } from "./image_details.js";
import { icon, isField, make, setAttribute, setEmphasised, setText, showLabel } from "../../elements.js";
import { lossWords, percent } from "./format.js";
import { Reason } from "./explanation.js";
import { SIGNS, hasValue, notesOf, suggestionWords } from "./card_text.js";
import { Zoom } from "./zoom.js";

const SHARP_PX = 3; // so many of the screen's pixels for one of the picture's: squares are clearer than blur
const DONE = { keep: "Keep", delete: "Delete" };
const SPLITS = { train: "Training", valid: "Validation" };

export class Enlarged {
  /** `swiped(step)`: somebody swiped to the next or previous picture. */
  constructor(dialog, swiped) {
    this.dialog = dialog;
    const part = (name) => dialog.querySelector(name);
    this.stage = part(".stage");
    this.picture = part(".sheet .picture");
    this.badge = part(".stage .badge");
    this.facts = part(".facts");
    this.file = part(".file");
    this.place = part(".place");
    this.background = part(".background");
    this.scale = part("[data-zoom='fit']");
    this.closeups = new Closeups();
    const reasonParts = {
      controls: part(".heatControls"), toggleButton: part("[data-heat]"), targets: part(".targets"),
      slider: part(".reasonHead input, .heatControls input"), words: part(".heatWords"),
      bars: part(".bars"), near: part(".near"),
    };
    this.reason = new Reason(part(".sheet .heat"), reasonParts, this.closeups);
    this.zoom = new Zoom(this.stage, part(".sheet"), (scale) => this.zoomed(scale), swiped);
    this.deeds = {
      "+": () => this.zoom.larger(), "=": () => this.zoom.larger(), "-": () => this.zoom.smaller(),
      0: () => this.zoom.reset(), h: () => this.reason.toggle(),
    };
    dialog.addEventListener("keydown", (event) => this.key(event));
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

  key(event) {
    const deed = this.deeds[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!deed || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    event.stopPropagation();
    event.preventDefault();
    deed();
  }

  click(event) {
    const how = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (how) ({ in: () => this.zoom.larger(), out: () => this.zoom.smaller(), fit: () => this.zoom.reset() })[how]();
    else if (event.target === this.stage && !this.zoom.hasMoved && this.zoom.scale === 1) this.dialog.close();
  }

  zoomed(scale) {
    setText(this.scale, `${Math.round(scale * 100)} %`);
    const shown = this.picture.clientWidth * scale * devicePixelRatio;
    this.stage.classList.toggle("sharp", Boolean(this.pixels) && shown / this.pixels >= SHARP_PX);
  }

  /**
   * Show an item and what is decided about it. `place`: words such as "3 of 48"; `next`: items to fetch ahead; `data`:
   * the grid's.
   */
  show(item, labels, place, next, data, state) {
    this.closeups.connect(data);
    setText(this.place, place);
    setText(this.file, item.file_name ?? "");
    const notes = notesOf(item, labels);
    const said = notes.filter((note) => note.kind === "noted"); // what somebody wrote stands above what is measured
    const rest = notes.filter((note) => note.kind !== "noted");
    const facts = [...noteRows(said), ...factRows(item, labels), ...noteRows(rest)];
    this.facts.replaceChildren(...suggestionBox(item, labels), ...facts);
    this.showPicture(item);
    this.reason.show(item, labels);
    this.showBackground(item, labels, state);
    this.decide(state, labels);
    for (const upcoming of next) this.prefetch(upcoming);
  }

  prefetch(item) {
    this.closeups.about(item.image_id);
    this.reason.prefetch(item);
  }

  /** At once what was known a moment ago, then what the server says now. */
  showBackground(item, labels, state) {
    // Once a decision or a comment has arrived, the story is another one.
    const mark = state.isWaiting ? null : `${state.decision} ${state.label} ${state.reviewer} ${item.nComments ?? 0}`;
    const answer = this.closeups.about(item.image_id, mark);
    if (answer === this.shown) return;
    this.shown = answer;
    const known = answer.done ?? answer.before;
    if (known) this.learn(known, labels);
    else if (item.image_id !== this.known) this.background.replaceChildren();
    if (!answer.done) answer.then((said) => this.shown === answer && this.learn(said, labels));
    this.known = item.image_id;
  }

  learn({ value, error }, labels) {
    this.background.replaceChildren(...(value ? backgroundOf(value, labels) : [make("p", "quiet", error)]));
    if (!value) return;
    this.pixels = value.width;
    this.zoom.take(value.width, value.height);
    this.zoomed(this.zoom.scale);
    this.reason.learn(value);
  }

  /** The card's thumbnail at once, the large picture as soon as it is here, in the same place and size. */
  showPicture(item) {
    if (this.url === item.view) return;
    this.url = item.view;
    this.pixels = 0;
    this.zoom.reset();
    this.picture.alt = item.file_name ?? "";
    this.picture.src = item.thumb;
    this.picture.decode().then(() => this.take(item, this.picture), () => {});
    const large = new Image();
    large.src = item.view;
    large.decode().then(() => this.url === item.view && this.showLarge(item, large), () => {}); // else the thumbnail stays
  }

  showLarge(item, large) {
    this.picture.src = large.src;
    this.take(item, large);
  }

  take(item, picture) {
    if (this.url === item.view) this.zoom.take(picture.naturalWidth, picture.naturalHeight);
  }

  /** Show what is decided about it. */
  decide(state, labels) {
    setAttribute(this.stage, "data-decision", state.decision ?? "none");
    this.badge.hidden = !state.decision;
    if (!state.decision) return;
    const what = state.decision === "relabel" ? labels.name(state.label) : DONE[state.decision];
    setText(this.badge, `${SIGNS[state.decision]} ${what}${state.reviewer ? ` · ${state.reviewer}` : ""}`);
  }
}

/** What the evidence suggests, as a button, and why. */
function suggestionBox(item, labels) {
  if (!item.suggestion) return [];
  const box = make("div", "suggestion");
  const { action } = item.suggestion;
  const button = make("button", `action ${action}`);
  button.type = "button";
  button.dataset.command = "accept";
  const words = `Accept: ${suggestionWords(item.suggestion, labels)}`;
  button.append(make("b", "", SIGNS[action]), make("span", "words", words), make("kbd", "", "Enter"));
  const why = make("p", "");
  setEmphasised(why, item.why ?? "");
  box.append(button, ...(item.why ? [why] : []));
  return [box];
}

function factRows(item, labels) {
  const rows = [["Filed under", labelChip(item.label, labels)]];
  if (hasValue(item.predicted)) rows.push(["Taken for", labelChip(item.predicted, labels)]);
  if (hasValue(item.doubt)) rows.push(["Doubt", make("span", "", percent(item.doubt))]);
  if (hasValue(item.loss)) rows.push(["Loss", make("span", "", lossWords(item.loss))]);
  if (item.split) rows.push(["Split", make("span", "", SPLITS[item.split] ?? item.split)]);
  return rows.map(([name, value]) => {
    const row = make("div", "fact");
    row.append(make("dt", "", name), make("dd"));
    row.lastChild.append(value);
    return row;
  });
}

function labelChip(id, labels) {
  const chip = make("span", "label");
  showLabel(chip, labels.find(id));
  return chip;
}

function noteRows(notes) {
  return notes.map((note) => {
    const row = make("p", `noteRow ${note.kind ?? ""}`);
    row.append(icon(note.icon), make("span", "", note.words));
    return row;
  });
}
