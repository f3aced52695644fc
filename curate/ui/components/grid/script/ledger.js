/** What is decided about each image: what the server said, under what this visit decided and still waits to be sent. */
/** @import { Answer, DecisionGroup, Item, NewOp, Op, Standing, State, Step, StepEntry } from "./types.js" */
/** @import { ListedStep } from "../../types/python.js" */
import { Steps } from "./steps.js";

/** @type {State} */
const UNDECIDED = Object.freeze({ decision: null, label: null, reviewer: null, isWaiting: false });

/**
 * What the ledger uses of the outbox.
 * @typedef {object} Sender
 * @property {string} reviewer
 * @property {number} waiting
 * @property {Map<number, Op>} newest by image
 * @property {() => string} nextKey
 * @property {(op: NewOp) => void} add
 * @property {() => Promise<ListedStep[] | null>} fetchSteps
 */

export class Ledger {
  /** @param {Sender} outbox */
  constructor(outbox) {
    this.outbox = outbox;
    /** @type {Map<number, State & {revision: number}>} */
    this.known = new Map(); // by image
    this.steps = new Steps();
  }

  /** Fetches the steps of earlier visits; returns whether they came. Without a network those of this visit serve. */
  async loadSteps() {
    const since = this.outbox.waiting ? 0 : this.steps.clock;
    const listed = await this.outbox.fetchSteps();
    if (listed) this.steps.merge(listed, since);
    return Boolean(listed);
  }

  /**
   * Takes over what a page of items says, as of `revision`.
   * @param {Pick<Item, "image_id" | "decision" | "decision_label" | "decided_by">[]} items
   * @param {number} revision
   */
  learnItems(items, revision) {
    for (const { image_id: id, decision, decision_label: label, decided_by: reviewer } of items) {
      this.learn(id, { decision, label, reviewer }, revision);
    }
  }

  /**
   * Takes over an answer of the server: what it took from us, then what anybody decided. Returns the images concerned.
   * @param {Op[]} done
   * @param {Pick<Answer, "changes" | "turns">} answer
   * @param {number} since
   */
  learnAnswer(done, answer, since) {
    for (const op of done) {
      // What came of an undo or redo is among the changes, and only there: it may have left some as they are.
      if (op.shows) continue;
      for (const id of op.image_ids) this.learn(id, this.standingOf(op), since);
    }
    for (const { image_id: id, decision, label_id: label, reviewer, revision } of answer.changes) {
      this.learn(id, { decision, label, reviewer }, revision);
    }
    for (const turn of answer.turns ?? []) if (turn.step) this.steps.settle(turn.step);
    return new Set([...done.flatMap((op) => op.image_ids), ...answer.changes.map((change) => change.image_id)]);
  }

  /**
   * The newer statement wins: a page that was made before an answer came in may arrive after it.
   * @param {number} id
   * @param {Standing} standing
   * @param {number} revision
   */
  learn(id, standing, revision) {
    if ((this.known.get(id)?.revision ?? -1) > revision) return;
    this.known.set(id, { ...standing, isWaiting: false, revision });
  }

  /**
   * @param {number} id
   * @returns {State}
   */
  stateOf(id) {
    const op = this.outbox.newest.get(id);
    if (!op) return this.known.get(id) ?? UNDECIDED;
    return { ...(op.shows ? op.shows[id] : this.standingOf(op)), isWaiting: true };
  }

  /**
   * @param {Op} op
   * @returns {Standing}
   */
  standingOf({ action, label_id: label = null }) {
    return { decision: action === "clear" ? null : action, label, reviewer: this.outbox.reviewer };
  }

  /**
   * Returns how many more of these items are reviewed now than they say themselves.
   * @param {Pick<Item, "image_id" | "decision" | "checked" | "asks_again">[]} items
   */
  nChanged(items) {
    // Those confirmed earlier count as reviewed in any case, but for those that are asked again.
    const counted = items.filter((item) => !item.checked || item.asks_again);
    const isDecided = (/** @type {string | null} */ decision) => Number(Boolean(decision));
    return counted.reduce((n, item) => n + isDecided(this.stateOf(item.image_id).decision) - isDecided(item.decision), 0);
  }

  /**
   * Decides as `groups` say, as one step; what stands so already is left alone. Returns the step's images.
   * @param {DecisionGroup[]} groups
   * @param {number | null} runId
   * @param {string} name
   * @param {Step["page"]} [page] where the pictures are, to come back to
   */
  decide(groups, runId, name, page) {
    const fresh = groups.map((group) => ({ ...group, ids: group.ids.filter((id) => !this.stands(id, group)) }));
    /** @type {StepEntry[]} */
    const entries = fresh.flatMap((group) =>
      group.ids.map((id) => ({ id, before: this.shownOf(id), after: this.standingAfter(group) })),
    );
    if (!entries.length) return [];
    const key = this.outbox.nextKey();
    this.steps.add({ key, name, entries, page });
    for (const { ids, action, label } of fresh) {
      if (!ids.length) continue;
      this.outbox.add({ image_ids: ids, action, label_id: label, run_id: runId, step: key, step_name: name });
    }
    return entries.map((entry) => entry.id);
  }

  /**
   * Undoes or redoes a step. What is known of it is shown at once; pictures on which somebody else has decided since stay
   * as they are. Returns the images that look different now.
   * @param {Step} step
   * @param {boolean} isUndo
   * @param {number | null} runId
   */
  turn(step, isUndo, runId) {
    /** @type {["after" | "before", "after" | "before"]} */
    const [from, to] = isUndo ? ["after", "before"] : ["before", "after"];
    const ours = (step.entries ?? []).filter((entry) => isSame(this.stateOf(entry.id), entry[from]));
    const ids = ours.map((entry) => entry.id);
    const shows = Object.fromEntries(ours.map((entry) => [entry.id, entry[to]]));
    this.steps.mark(step, isUndo);
    this.outbox.add({ action: isUndo ? "undo" : "redo", step: step.key, image_ids: ids, shows, run_id: runId });
    return ids;
  }

  /**
   * Whether this reviewer has decided exactly so already.
   * @param {number} id
   * @param {Omit<DecisionGroup, "ids">} group
   */
  stands(id, group) {
    const state = this.stateOf(id);
    return isSame(state, this.standingAfter(group)) || (state.decision === null && group.action === "clear");
  }

  /**
   * @param {Omit<DecisionGroup, "ids">} group
   * @returns {Standing}
   */
  standingAfter({ action, label }) {
    if (action === "clear") return { decision: null, label: null, reviewer: null };
    return { decision: action, label, reviewer: this.outbox.reviewer };
  }

  /**
   * @param {number} id
   * @returns {Standing}
   */
  shownOf(id) {
    const { decision, label, reviewer } = this.stateOf(id);
    return { decision, label: label ?? null, reviewer: decision === null ? null : reviewer };
  }
}

/**
 * @param {Standing} state
 * @param {Standing} other
 */
function isSame(state, other) {
  if (state.decision === null) return other.decision === null;
  return state.decision === other.decision && state.reviewer === other.reviewer && (state.label ?? null) === other.label;
}
