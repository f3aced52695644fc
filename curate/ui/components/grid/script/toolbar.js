/** The bar above the cards: what can be done, how far the review is, whether everything is saved. */
import { make, setAttribute, setText, showLabel } from "../../elements.js";
import { count } from "./format.js";

const SAVING_SHOWN_MS = 400; // most decisions are saved sooner; words would only flicker (grid.css waits as long)
const TOAST_MS = 6000;
const N_CHIPS = 12;

export class Toolbar {
  constructor(root) {
    this.root = root;
    this.status = root.querySelector(".status");
    this.progress = root.querySelector(".progress");
    this.pages = root.querySelector(".pages");
    this.toast = root.querySelector(".toast");
    this.announcer = root.querySelector(".announcer");
    this.legends = root.querySelectorAll(".legend");
    this.chosen = root.querySelector(".chosen");
    this.toast.querySelector("button").addEventListener("click", () => this.follow());
  }

  follow() {
    this.toast.hidePopover?.();
    this.way?.run();
  }

  /** The labels with their number keys, to press or to click; the rest behind one more chip. */
  showLabels(labels) {
    for (const legend of this.legends) {
      const chips = labels.forLegend().slice(0, N_CHIPS).map(makeChip);
      const nMore = labels.list.length - chips.length;
      if (nMore > 0) chips.push(makeMoreChip(nMore));
      legend.replaceChildren(...chips, makeKeysChip());
    }
  }

  showProgress(nDecided, nTotal) {
    setText(this.progress.querySelector(".words"), `${count(nDecided)} of ${count(nTotal)} reviewed`);
    this.progress.querySelector(".fill").style.transform = `scaleX(${nTotal ? nDecided / nTotal : 0})`;
    setAttribute(this.progress, "aria-valuemax", String(nTotal));
    setAttribute(this.progress, "aria-valuenow", String(nDecided));
  }

  showPage(page, nPages) {
    const words = this.pages.querySelector(".words");
    setText(words, `${count(page)} of ${count(nPages)}`);
    setAttribute(words, "aria-label", `Page ${count(page)} of ${count(nPages)}: go to another`);
    this.pages.querySelector("[data-command='previous']").disabled = page <= 1;
    this.pages.querySelector("[data-command='next']").disabled = page >= nPages;
    this.pages.hidden = nPages <= 1;
  }

  showSelection(nSelected) {
    this.chosen.hidden = nSelected === 0;
    setText(this.chosen.querySelector(".words"), `${count(nSelected)} selected`);
  }

  showPreferences(preferences) {
    for (const slider of this.root.querySelectorAll("[data-slider]")) slider.value = String(preferences[slider.dataset.slider]);
    for (const control of this.root.querySelectorAll("[data-preference]")) {
      const value = preferences[control.dataset.preference];
      const isOn = control.dataset.value === undefined ? Boolean(value) : String(value) === control.dataset.value;
      setAttribute(control, "aria-pressed", String(isOn));
    }
  }

  /** Whether everything is on the server's disk: "All saved" goes at once, words for what takes longer come later. */
  showSaving(outbox) {
    const isSaving = outbox.waiting && !outbox.problem && !outbox.isOffline;
    if (isSaving && this.status.dataset.state === "saving") return;
    clearTimeout(this.savingTimer);
    const n = count(outbox.waiting);
    const kept = outbox.waiting ? ` ${n} waiting, kept here.` : "";
    const sent = outbox.waiting ? `: ${n} waiting, will be sent` : "";
    if (outbox.problem) this.setStatus("problem", outbox.problem + kept);
    else if (outbox.obstacle) this.setStatus("problem", outbox.obstacle + kept);
    else if (outbox.isOffline) this.setStatus("offline", `Offline${sent}`);
    else if (!outbox.waiting) this.setStatus("saved", "All saved");
    else {
      setAttribute(this.status, "data-state", "saving");
      this.savingTimer = setTimeout(() => this.setStatus("saving", "Saving…"), SAVING_SHOWN_MS);
    }
  }

  setStatus(state, words) {
    setAttribute(this.status, "data-state", state);
    setText(this.status.querySelector(".words"), words);
    this.status.title = words;
  }

  /** What undo and redo would do, on their buttons. */
  showSteps(steps) {
    const shown = { undo: ["Undo", steps.undoable, "Ctrl + z"], redo: ["Redo", steps.redoable, "Ctrl + Shift + z"] };
    for (const [command, [verb, step, keys]] of Object.entries(shown)) {
      for (const button of this.root.querySelectorAll(`[data-command='${command}']`)) {
        const words = step ? `${verb}: ${step.name}` : `Nothing to ${command}`;
        button.disabled = !step;
        button.title = step ? `${words} (${keys})` : words;
        setAttribute(button, "aria-label", words);
      }
    }
  }

  /** Say something that passes; `isTrouble` is said louder; way: {words, run} of a button beside it. */
  say(words, isTrouble = false, way = null) {
    setText(this.toast.querySelector(".words"), words);
    this.way = way;
    this.toast.querySelector("button").hidden = !way;
    setText(this.toast.querySelector("button"), way?.words ?? "");
    this.toast.classList.toggle("trouble", isTrouble);
    this.toast.hidePopover?.();
    this.toast.showPopover?.();
    this.announce(words);
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => this.toast.hidePopover?.(), isTrouble ? 2 * TOAST_MS : TOAST_MS);
  }

  /** For those who listen instead of looking. */
  announce(words) {
    // The same words a second time are news, too, and only a change is read out.
    setText(this.announcer, words === this.announcer.textContent ? `${words}\u00a0` : words);
  }
}

function makeChip(label) {
  const chip = make("button", "chip");
  chip.type = "button";
  chip.dataset.label = String(label.id);
  chip.title = `Relabel to ${label.name}`;
  const name = make("span", "label");
  showLabel(name, label);
  if (label.key) chip.append(make("kbd", "", label.key));
  chip.append(name);
  return chip;
}

function makeMoreChip(nMore) {
  const chip = make("button", "chip more", `${count(nMore)} more…`);
  chip.type = "button";
  chip.dataset.command = "relabel";
  return chip;
}

function makeKeysChip() {
  const chip = make("button", "chip more", "Keys…");
  chip.type = "button";
  chip.title = "Choose the key of each label";
  chip.dataset.command = "setKeys";
  return chip;
}
