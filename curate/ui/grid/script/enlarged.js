/** One picture large, with its facts. It shows the cursor's card: all keys go on meaning what they mean in the grid. */
import { icon, make, setAttribute, setEmphasised, setText, showLabel } from "./dom.js";
import { lossWords, percent } from "./format.js";
import { SIGNS, hasValue, notesOf, suggestionWords } from "./words.js";

const SMALL_PX = 160;
const DONE = { keep: "Keep", delete: "Delete" };
const SPLITS = { train: "Training", valid: "Validation" };

export class Enlarged {
  constructor(dialog) {
    this.dialog = dialog;
    this.stage = dialog.querySelector(".stage");
    this.picture = dialog.querySelector(".stage img");
    this.badge = dialog.querySelector(".stage .badge");
    this.facts = dialog.querySelector(".facts");
    this.file = dialog.querySelector(".file");
    this.place = dialog.querySelector(".place");
    dialog.addEventListener("click", (event) => event.target === this.stage && dialog.close());
  }

  get isOpen() {
    return this.dialog.open;
  }

  open() {
    this.dialog.showModal();
    this.dialog.focus();
  }

  close() {
    this.dialog.close();
  }

  /** Show an item, `place` being words such as "3 of 48". */
  show(item, labels, place) {
    setText(this.place, place);
    setText(this.file, item.file_name ?? "");
    this.showPicture(item);
    const facts = [...factRows(item, labels), ...shareBars(item, labels), ...noteRows(item, labels)];
    this.facts.replaceChildren(...suggestionBox(item, labels), ...facts);
  }

  /** The card's thumbnail at once, the large picture as soon as it is here, in the same place and size. */
  showPicture(item) {
    if (this.url === item.view) return;
    this.url = item.view;
    this.picture.src = item.thumb;
    this.picture.alt = item.file_name ?? "";
    const large = new Image();
    large.src = item.view;
    large.decode().then(
      () => this.url === item.view && this.showLarge(large),
      () => {}, // the thumbnail stays
    );
  }

  showLarge(large) {
    this.picture.src = large.src;
    this.stage.classList.toggle("tiny", Math.max(large.naturalWidth, large.naturalHeight) <= SMALL_PX);
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

/** What the model thought, as bars: the most probable labels when the page gave them, else the two it needs. */
function shareBars(item, labels) {
  const pairs = item.top ?? [[item.predicted, item.p_predicted], [item.label, item.p_actual]];
  const known = new Map(pairs.filter(([id, share]) => hasValue(id) && hasValue(share)));
  const heading = known.size ? [make("h3", "", "What the model thinks")] : [];
  const rows = [...known].map(([id, share]) => {
    const row = make("div", "shareRow");
    const track = make("span", "track");
    track.append(make("i", "fill"));
    track.firstChild.style.transform = `scaleX(${share})`;
    row.append(labelChip(id, labels), track, make("span", "number", percent(share)));
    return row;
  });
  return [...heading, ...rows];
}

function noteRows(item, labels) {
  return notesOf(item, labels).map((note) => {
    const row = make("p", `noteRow ${note.kind ?? ""}`);
    row.append(icon(note.icon), make("span", "", note.words));
    return row;
  });
}
