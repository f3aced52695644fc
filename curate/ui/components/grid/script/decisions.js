/** From commands to decisions: what a key means on a selection, with its sentence, as a step to undo and redo. */
/** @import { Navigation } from "./navigation.js" */
/** @import { Screen } from "./screen.js" */
/** @import { Sheet } from "./sheet.js" */
/** @import { Toolbar } from "./toolbar.js" */
/** @import { Turn } from "../../types/python.js" */
/** @import { Action, DecisionGroup, Item, Step } from "./types.js" */
import { count, pictures } from "./format.js";

/** @type {Record<Action, string>} */
const DONE = { keep: "Kept", delete: "Deleted", relabel: "Relabelled", clear: "Undecided again:" };
/** @type {Record<Action, string>} */
const VERBS = { keep: "Keep", delete: "Delete", relabel: "Relabel", clear: "Take back" };

const LABEL_IS_HIDDEN = "The label is hidden: press the key of the right one, or / for any.";

export class Decisions {
  /**
   * @param {Sheet} sheet
   * @param {Screen} screen
   * @param {Pick<Toolbar, "notify" | "announce" | "showSteps">} toolbar
   * @param {Pick<Navigation, "advance" | "toPage">} navigation
   */
  constructor(sheet, screen, toolbar, navigation) {
    this.sheet = sheet;
    this.screen = screen;
    this.toolbar = toolbar;
    this.navigation = navigation;
  }

  /** @param {"keep" | "delete" | "clear"} action */
  decide(action) {
    const items = this.screen.targetItems();
    if (!items.length) return;
    if (action === "keep" && this.sheet.data.is_blind) {
      this.toolbar.notify(LABEL_IS_HIDDEN);
      return;
    }
    const name = `${VERBS[action]} ${nameOf(items)}`;
    this.record(items, [{ ids: idsOf(items), action, label: null }], name, DONE[action]);
  }

  /**
   * Relabels to the label with that id; pictures that have it already are kept, as their label is right.
   * @param {number} label
   */
  relabel(label) {
    const items = this.screen.targetItems();
    if (!items.length) return;
    const { labels, likely } = this.sheet;
    const isSame = (/** @type {Item} */ item) => item.label === label;
    /** @type {DecisionGroup[]} */
    const groups = [
      { ids: idsOf(items.filter((item) => !isSame(item))), action: "relabel", label },
      { ids: idsOf(items.filter(isSame)), action: "keep", label: null },
    ];
    likely.remember(label);
    const name = `${VERBS.relabel} ${nameOf(items)} to ${labels.name(label)}`;
    this.record(items, groups.filter((group) => group.ids.length), name, DONE.relabel);
  }

  /** Decides as the evidence suggests; pictures without a suggestion stay as they are. */
  accept() {
    const targets = this.screen.targetItems();
    const items = targets.filter((item) => item.suggestion);
    if (!targets.length) return;
    if (this.sheet.data.is_blind) {
      this.toolbar.notify(LABEL_IS_HIDDEN);
      return;
    }
    if (!items.length) {
      this.toolbar.notify(`Nothing is suggested for ${targets.length === 1 ? "it" : "these"}.`);
      return;
    }
    const name = items.length === 1 ? `Accept the suggestion for ${nameOf(items)}` : `Accept ${count(items.length)} suggestions`;
    this.record(items, suggestedGroups(items), name, "Accepted the suggestion for");
    const nLeft = targets.length - items.length;
    if (nLeft) this.toolbar.notify(`Nothing is suggested for ${pictures(nLeft)}: left as they are.`);
  }

  /**
   * Stores decisions on these items as one step of that name, and goes on.
   * @param {Item[]} items
   * @param {DecisionGroup[]} groups
   * @param {string} name
   * @param {string} verb what was done, for screen readers
   */
  record(items, groups, name, verb) {
    const { data, ledger } = this.sheet;
    const wasSingle = this.screen.targets().length === 1;
    ledger.decide(groups, data.run_id, name, { page: data.page, view: data.view_key });
    this.screen.showDecisions(new Set(idsOf(items)));
    this.toolbar.announce(`${verb} ${nameOf(items)}`);
    this.navigation.advance(wasSingle);
  }

  /**
   * Undoes or redoes what comes next, or the step of that key.
   * @param {boolean} isUndo
   * @param {string | null} [key]
   */
  turn(isUndo, key = null) {
    const { data, ledger, outbox, items } = this.sheet;
    const { steps } = ledger;
    const step = key ? steps.find(key) : isUndo ? steps.undoable : steps.redoable;
    if (!step) {
      this.toolbar.notify(isUndo ? "Nothing to undo." : "Nothing to redo.");
      return;
    }
    const [first] = ledger.turn(step, isUndo, data.run_id);
    this.screen.showDecisions();
    const isHere = items.some((item) => item.image_id === first);
    if (isHere) {
      this.sheet.moveToItem((item) => item.image_id === first);
      this.screen.followSelection();
    }
    if (!step.entries && !outbox.isOffline) return; // a step of an earlier visit: the answer reports it
    const when = outbox.isOffline ? " (waits here for the connection)" : "";
    const text = `${isUndo ? "Undone" : "Done again"}: ${step.name}.${when}`;
    this.toolbar.notify(text, false, isHere ? null : this.offerPage(step));
  }

  /**
   * Returns a button to the page on which a step's pictures are, when that is another one of this list.
   * @param {Step} step
   */
  offerPage(step) {
    const { data } = this.sheet;
    if (!step.page || step.page.view !== data.view_key || step.page.page === data.page) return null;
    const { page } = step.page;
    return { text: `Show page ${count(page)}`, run: () => this.navigation.toPage(page) };
  }

  /**
   * The server has undone or redone: shows what it had to leave, or what only it knew.
   * @param {Turn[]} turns
   */
  showTurns(turns) {
    const { steps } = this.sheet.ledger;
    if (turns.length) this.toolbar.showSteps(steps);
    for (const turn of turns) {
      const step = turn.step && steps.find(turn.step.key);
      if (!turn.is_complete) this.toolbar.notify(`${turn.words} It takes a while.`);
      else if (turn.n_left || !step?.entries) this.toolbar.notify(turn.words);
    }
  }
}

/** @param {Item[]} items */
function idsOf(items) {
  return items.map((item) => item.image_id);
}

/** @param {Item[]} items */
function nameOf(items) {
  return items.length === 1 ? items[0].file_name : count(items.length);
}

/**
 * Returns the decisions that accept what is suggested, as few as possible.
 * @param {Item[]} items
 */
function suggestedGroups(items) {
  /** @type {Map<string, DecisionGroup>} */
  const groups = new Map();
  for (const { image_id, label, suggestion } of items) {
    if (!suggestion) continue;
    // A picture that has the suggested label by now is kept.
    const action = suggestion.label === label ? "keep" : suggestion.action;
    const to = action === "relabel" ? suggestion.label : null;
    const key = `${action} ${to}`;
    const group = groups.get(key) ?? { ids: [], action, label: to };
    group.ids.push(image_id);
    groups.set(key, group);
  }
  return [...groups.values()];
}
