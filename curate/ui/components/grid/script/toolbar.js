/** The bar above the cards: what can be done, how far the review is, whether everything is saved. */
/** @import { Label, Labels } from "./labels.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Preferences, PreferenceName } from "./preferences.js" */
/** @import { Steps } from "./steps.js" */
import { make, makeButton, makeLabel, query, queryAll, setAttribute, setText } from "../../elements.js";
import { count } from "./format.js";

const SAVING_SHOWN_MS = 400; // most decisions are saved sooner; text would only flicker (grid.css waits as long)
const TOAST_MS = 6000;
const N_CHIPS = 12;

/** @typedef {{text: string, run: () => void}} Offer a button beside a message */

export class Toolbar {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.status = query(root, ".status", HTMLElement);
    this.statusText = query(root, ".status .words", HTMLElement);
    this.progress = query(root, ".progress", HTMLElement);
    this.progressText = query(root, ".progress .words", HTMLElement);
    this.progressFill = query(root, ".progress .fill", HTMLElement);
    this.pages = query(root, ".pages", HTMLElement);
    this.pageText = query(root, ".pages .words", HTMLElement);
    this.previous = query(root, ".pages [data-command='previous']", HTMLButtonElement);
    this.next = query(root, ".pages [data-command='next']", HTMLButtonElement);
    this.toast = query(root, ".toast", HTMLElement);
    this.toastText = query(root, ".toast .words", HTMLElement);
    this.toastButton = query(root, ".toast button", HTMLButtonElement);
    this.announcer = query(root, ".announcer", HTMLElement);
    this.legends = queryAll(root, ".legend", HTMLElement);
    this.chosen = query(root, ".chosen", HTMLElement);
    this.chosenText = query(root, ".chosen .words", HTMLElement);
    /** @type {Offer | null} */
    this.offer = null;
    this.savingTimer = 0;
    this.toastTimer = 0;
    this.toastButton.addEventListener("click", () => this.acceptOffer());
  }

  acceptOffer() {
    this.toast.hidePopover?.();
    this.offer?.run();
  }

  /**
   * Shows the labels with their keys, to press or to click; the rest behind one more chip.
   * @param {Labels} labels
   */
  showLabels(labels) {
    for (const legend of this.legends) {
      const chips = labels.forLegend().slice(0, N_CHIPS).map(makeChip);
      const nMore = labels.list.length - chips.length;
      if (nMore > 0) chips.push(makeCommandChip(`${count(nMore)} more…`, "relabel"));
      const keys = makeCommandChip("Keys…", "setKeys");
      keys.title = "Choose the key of each label";
      legend.replaceChildren(...chips, keys);
    }
  }

  /**
   * @param {number} nDecided
   * @param {number} nTotal
   */
  showProgress(nDecided, nTotal) {
    setText(this.progressText, `${count(nDecided)} of ${count(nTotal)} reviewed`);
    this.progressFill.style.transform = `scaleX(${nTotal ? nDecided / nTotal : 0})`;
    setAttribute(this.progress, "aria-valuemax", String(nTotal));
    setAttribute(this.progress, "aria-valuenow", String(nDecided));
  }

  /**
   * @param {number} page
   * @param {number} nPages
   */
  showPage(page, nPages) {
    setText(this.pageText, `${count(page)} of ${count(nPages)}`);
    setAttribute(this.pageText, "aria-label", `Page ${count(page)} of ${count(nPages)}: go to another`);
    this.previous.disabled = page <= 1;
    this.next.disabled = page >= nPages;
    this.pages.hidden = nPages <= 1;
  }

  /** @param {number} nSelected */
  showSelection(nSelected) {
    this.chosen.hidden = nSelected === 0;
    setText(this.chosenText, `${count(nSelected)} selected`);
  }

  /** @param {Preferences} preferences */
  showPreferences(preferences) {
    for (const slider of queryAll(this.root, "[data-slider]", HTMLInputElement)) slider.value = String(preferences.width);
    for (const control of queryAll(this.root, "[data-preference]", HTMLElement)) {
      const name = /** @type {PreferenceName} */ (control.dataset.preference);
      setAttribute(control, "aria-pressed", String(String(preferences[name]) === control.dataset.value));
    }
  }

  /**
   * Shows whether everything is on the server's disk: "All saved" goes at once, text for what takes longer comes later.
   * @param {Pick<Outbox, "waiting" | "problem" | "obstacle" | "isOffline">} outbox
   */
  showSaving({ waiting, problem, obstacle, isOffline }) {
    const isSaving = waiting > 0 && !problem && !isOffline;
    if (isSaving && this.status.dataset.state === "saving") return;
    clearTimeout(this.savingTimer);
    const kept = waiting ? ` ${count(waiting)} waiting, kept here.` : "";
    const toSend = waiting ? `: ${count(waiting)} waiting, will be sent` : "";
    if (problem || obstacle) this.setStatus("problem", (problem || obstacle) + kept);
    else if (isOffline) this.setStatus("offline", `Offline${toSend}`);
    else if (!waiting) this.setStatus("saved", "All saved");
    else {
      setAttribute(this.status, "data-state", "saving");
      this.savingTimer = setTimeout(() => this.setStatus("saving", "Saving…"), SAVING_SHOWN_MS);
    }
  }

  /**
   * @param {"saved" | "saving" | "offline" | "problem"} state
   * @param {string} text
   */
  setStatus(state, text) {
    setAttribute(this.status, "data-state", state);
    setText(this.statusText, text);
    this.status.title = text;
  }

  /**
   * Shows on their buttons what undo and redo would do.
   * @param {Steps} steps
   */
  showSteps({ undoable, redoable }) {
    /** @type {[command: string, verb: string, step: {name: string} | undefined, keys: string][]} */
    const shown = [["undo", "Undo", undoable, "Ctrl + z"], ["redo", "Redo", redoable, "Ctrl + Shift + z"]];
    for (const [command, verb, step, keys] of shown) {
      for (const button of queryAll(this.root, `[data-command='${command}']`, HTMLButtonElement)) {
        const text = step ? `${verb}: ${step.name}` : `Nothing to ${command}`;
        button.disabled = !step;
        button.title = step ? `${text} (${keys})` : text;
        setAttribute(button, "aria-label", text);
      }
    }
  }

  /**
   * Shows a message for some seconds; one of trouble stays longer and stands out.
   * @param {string} text
   * @param {boolean} [isTrouble]
   * @param {Offer | null} [offer]
   */
  notify(text, isTrouble = false, offer = null) {
    setText(this.toastText, text);
    this.offer = offer;
    this.toastButton.hidden = !offer;
    setText(this.toastButton, offer?.text ?? "");
    this.toast.classList.toggle("trouble", isTrouble);
    this.toast.hidePopover?.();
    this.toast.showPopover?.();
    this.announce(text);
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => this.toast.hidePopover?.(), isTrouble ? 2 * TOAST_MS : TOAST_MS);
  }

  /**
   * Has screen readers read a text out.
   * @param {string} text
   */
  announce(text) {
    // The same text a second time is news, too, and only a change is read out.
    setText(this.announcer, text === this.announcer.textContent ? `${text}\u00a0` : text);
  }
}

/** @param {Label} label */
function makeChip(label) {
  const chip = makeButton("chip");
  chip.dataset.label = String(label.id);
  chip.title = `Relabel to ${label.name}`;
  if (label.key) chip.append(make("kbd", "", label.key));
  chip.append(makeLabel(label));
  return chip;
}

/**
 * @param {string} text
 * @param {string} command
 */
function makeCommandChip(text, command) {
  const chip = makeButton("chip more", text);
  chip.dataset.command = command;
  return chip;
}
