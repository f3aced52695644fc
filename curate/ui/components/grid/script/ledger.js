/** What is decided about each image: the server's word, under what this visit decided and still waits to be sent. */
import { Steps } from "./steps.js";

/** A decision as shown: `decision` is null | "keep" | "delete" | "relabel", `label` the new label's id. */
const UNDECIDED = Object.freeze({ decision: null, label: null, reviewer: null, isWaiting: false });

export class Ledger {
  constructor(outbox) {
    this.outbox = outbox;
    this.known = new Map(); // image id -> {decision, label, reviewer, isWaiting: false, revision}
    this.steps = new Steps();
  }

  /** Ask the server for the steps of earlier visits; true when it told them. Without a network those of this one do. */
  async loadSteps() {
    const asked = this.outbox.waiting ? 0 : this.steps.clock;
    const listed = await this.outbox.fetchSteps();
    if (listed) this.steps.take(listed, asked);
    return Boolean(listed);
  }

  /** Take in what a page of items says, as of `revision`. */
  learnItems(items, revision) {
    for (const item of items) {
      this.learn(item.image_id, item.decision ?? null, item.decision_label ?? null, item.decided_by ?? null, revision);
    }
  }

  /** Take in an answer of the server: what it took from us, then what anybody decided; ids of images concerned. */
  learnAnswer(done, answer, since) {
    for (const op of done) {
      // What came of an undo or redo is among the changes, and only there: it may have left some as they are.
      if (op.shows) continue;
      const action = op.action === "clear" ? null : op.action;
      for (const id of op.image_ids) this.learn(id, action, op.label_id, this.outbox.reviewer, since);
    }
    for (const change of answer.changes) {
      this.learn(change.image_id, change.decision, change.label_id, change.reviewer, change.revision);
    }
    for (const turn of answer.turns ?? []) if (turn.step) this.steps.settle(turn.step);
    return new Set([...done.flatMap((op) => op.image_ids), ...answer.changes.map((change) => change.image_id)]);
  }

  /** The newer word wins; a page that was made before an answer came in may arrive after it. */
  learn(id, decision, label, reviewer, revision) {
    if ((this.known.get(id)?.revision ?? -1) > revision) return;
    this.known.set(id, { decision, label, reviewer, isWaiting: false, revision });
  }

  stateOf(id) {
    const op = this.outbox.newest.get(id);
    if (!op) return this.known.get(id) ?? UNDECIDED;
    if (op.shows) return { ...op.shows[id], isWaiting: true };
    const decision = op.action === "clear" ? null : op.action;
    return { decision, label: op.label_id, reviewer: this.outbox.reviewer, isWaiting: true };
  }

  /** How many more of these items are reviewed now than they say themselves. */
  nChanged(items) {
    const isNew = (item) => Boolean(this.stateOf(item.image_id).decision) - Boolean(item.decision);
    // Those confirmed earlier count as reviewed in any case, but for those that are asked again.
    return items.filter((item) => !item.checked || item.asks_again).reduce((sum, item) => sum + isNew(item), 0);
  }

  /**
   * Decide as `groups` of {ids, action, label} say, as one step with that name; what stands so already is left alone.
   * page: where the pictures are, to come back to. Returns the step's images.
   */
  decide(groups, runId, name, page) {
    const fresh = groups.map((group) => ({ ...group, ids: group.ids.filter((id) => !this.stands(id, group)) }));
    const entries = fresh.flatMap(({ ids, action, label }) =>
      ids.map((id) => ({ id, before: this.shownOf(id), after: this.meant(action, label) })),
    );
    if (!entries.length) return [];
    const key = this.outbox.nextKey();
    this.steps.add({ key, name, entries, page });
    for (const { ids, action, label } of fresh) {
      const op = { image_ids: ids, action, label_id: label, run_id: runId, step: key, step_name: name };
      if (ids.length) this.outbox.add(op);
    }
    return entries.map((entry) => entry.id);
  }

  /**
   * Undo or redo a step. What is known of it is shown at once; pictures on which somebody else had the last word since
   * stay as they are. Returns the images that look different now.
   */
  turn(step, isUndo, runId) {
    const [from, to] = isUndo ? ["after", "before"] : ["before", "after"];
    const ours = (step.entries ?? []).filter((entry) => isSame(this.stateOf(entry.id), entry[from]));
    const ids = ours.map((entry) => entry.id);
    const shows = Object.fromEntries(ours.map((entry) => [entry.id, entry[to]]));
    this.steps.mark(step, isUndo);
    this.outbox.add({ action: isUndo ? "undo" : "redo", step: step.key, image_ids: ids, shows, run_id: runId });
    return ids;
  }

  /** Whether this reviewer has decided exactly so already. */
  stands(id, { action, label }) {
    const state = this.stateOf(id);
    return isSame(state, this.meant(action, label)) || (state.decision === null && action === "clear");
  }

  meant(action, label) {
    if (action === "clear") return { decision: null, label: null, reviewer: null };
    return { decision: action, label: label ?? null, reviewer: this.outbox.reviewer };
  }

  shownOf(id) {
    const { decision, label, reviewer } = this.stateOf(id);
    return { decision, label: label ?? null, reviewer: decision === null ? null : reviewer };
  }
}

function isSame(state, other) {
  if (state.decision === null) return other.decision === null;
  return state.decision === other.decision && state.reviewer === other.reviewer && (state.label ?? null) === other.label;
}
