/** From commands to decisions: what is meant by a key on a selection, in words, as a step to undo and redo. */
import { count, pictures } from "./format.js";

const DONE = { keep: "Kept", delete: "Deleted", relabel: "Relabelled", clear: "Undecided again:" };
const VERBS = { keep: "Keep", delete: "Delete", relabel: "Relabel", clear: "Take back" };

export class Deciding {
  constructor(grid) {
    this.grid = grid;
  }

  get chosen() {
    return this.grid.targets().map((position) => this.grid.items[position]);
  }

  decide(action, label = null) {
    const items = this.chosen;
    if (!items.length) return;
    // Relabelling to the label a picture has already says that the label is right.
    const isSame = (item) => action === "relabel" && item.label === label;
    const ids = (some) => some.map((item) => item.image_id);
    const groups = [
      { ids: ids(items.filter((item) => !isSame(item))), action, label },
      { ids: ids(items.filter(isSame)), action: "keep", label: null },
    ];
    const to = action === "relabel" ? ` to ${this.grid.labels.name(label)}` : "";
    const name = `${VERBS[action]} ${whatOf(items)}${to}`;
    if (action === "relabel") this.grid.likely.used(label);
    this.record(items, groups.filter((group) => group.ids.length), name, DONE[action]);
  }

  /** Decide as the evidence suggests; pictures about which it says nothing stay as they are. */
  accept() {
    const { toolbar } = this.grid;
    const { chosen } = this;
    const items = chosen.filter((item) => item.suggestion);
    if (!chosen.length) return;
    if (!items.length) return toolbar.say(`Nothing is suggested for ${chosen.length === 1 ? "it" : "these"}.`);
    const name = items.length === 1 ? `Accept the suggestion for ${whatOf(items)}` : `Accept ${count(items.length)} suggestions`;
    this.record(items, suggestedGroups(items), name, "Accepted the suggestion for");
    const nLeft = chosen.length - items.length;
    if (nLeft) toolbar.say(`Nothing is suggested for ${pictures(nLeft)}: left as they are.`);
    return undefined;
  }

  /** Store decisions on these items, as one step of that name, and go on. */
  record(items, groups, name, words) {
    const { grid } = this;
    const wasSingle = grid.targets().length === 1;
    grid.ledger.decide(groups, grid.data.run_id, name, { page: grid.data.page, view: grid.data.view_key });
    grid.showDecisions(new Set(items.map((item) => item.image_id)));
    grid.toolbar.announce(`${words} ${whatOf(items)}`);
    grid.goOn(wasSingle);
  }

  /** Undo or redo what comes next, or the step of that key. */
  turn(isUndo, key = null) {
    const { grid } = this;
    const { steps } = grid.ledger;
    const step = key ? steps.find(key) : isUndo ? steps.undoable : steps.redoable;
    if (!step) return grid.toolbar.say(isUndo ? "Nothing to undo." : "Nothing to redo.");
    const ids = grid.ledger.turn(step, isUndo, grid.data.run_id);
    grid.showDecisions();
    const position = grid.items.findIndex((item) => item.image_id === ids[0]);
    if (position >= 0) grid.select(() => grid.selection.moveTo(position));
    if (!step.entries && !grid.outbox.isOffline) return undefined; // a step of an earlier visit: the answer says it
    const when = grid.outbox.isOffline ? " (waits here for the connection)" : "";
    const done = `${isUndo ? "Undone" : "Done again"}: ${step.name}.${when}`;
    return grid.toolbar.say(done, false, position < 0 ? this.wayTo(step) : null);
  }

  /** A button to the page on which a step's pictures are, when that is another one of this list. */
  wayTo(step) {
    const { grid } = this;
    const { page, view } = step.page ?? {};
    if (!page || view !== grid.data.view_key || page === grid.data.page) return null;
    return { words: `Show page ${count(page)}`, run: () => grid.going.toPage(page) };
  }

  /** The server has undone or redone: say what it had to leave, or what only it knew. */
  turned(turns) {
    if (turns.length) this.grid.toolbar.showSteps(this.grid.ledger.steps);
    for (const turn of turns) {
      const step = turn.step && this.grid.ledger.steps.find(turn.step.key);
      if (!turn.is_complete) this.grid.toolbar.say(`${turn.words} It takes a while.`);
      else if (turn.n_left || !step?.entries) this.grid.toolbar.say(turn.words);
    }
  }
}

function whatOf(items) {
  return items.length === 1 ? items[0].file_name : count(items.length);
}

/** The decisions that accept what is suggested, as few as possible. */
function suggestedGroups(items) {
  const groups = new Map();
  for (const { image_id, label, suggestion } of items) {
    // A picture that has the suggested label by now is kept.
    const action = suggestion.label === label ? "keep" : suggestion.action;
    const to = action === "relabel" ? suggestion.label : null;
    const key = `${action} ${to}`;
    if (!groups.has(key)) groups.set(key, { ids: [], action, label: to });
    groups.get(key).ids.push(image_id);
  }
  return [...groups.values()];
}
