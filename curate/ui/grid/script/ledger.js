/** What is decided about each image: the server's word, under what this visit decided and still waits to be sent. */

/** A decision as shown: `decision` is null | "keep" | "delete" | "relabel", `label` the new label's id. */
const UNDECIDED = Object.freeze({ decision: null, label: null, reviewer: null, isWaiting: false });

export class Ledger {
  constructor(outbox) {
    this.outbox = outbox;
    this.known = new Map(); // image id -> {decision, label, reviewer, isWaiting: false, revision}
    this.visit = []; // what this visit decided, for undo: [{image_id, before, after}] each
  }

  /** Take in what a page of items says, as of `revision`. */
  learnItems(items, revision) {
    for (const item of items) {
      this.learn(item.image_id, item.decision ?? null, item.decision_label ?? null, item.decided_by ?? null, revision);
    }
  }

  /** Take in an answer of the server: what it took from us, then what anybody decided; ids of images concerned. */
  learnAnswer(batch, answer, since) {
    for (const op of batch) {
      const action = op.action === "clear" ? null : op.action;
      for (const id of op.image_ids) this.learn(id, action, op.label_id, this.outbox.reviewer, since);
    }
    for (const change of answer.changes) {
      this.learn(change.image_id, change.decision, change.label_id, change.reviewer, change.revision);
    }
    return new Set([...batch.flatMap((op) => op.image_ids), ...answer.changes.map((change) => change.image_id)]);
  }

  /** The newer word wins; a page that was made before an answer came in may arrive after it. */
  learn(id, decision, label, reviewer, revision) {
    if ((this.known.get(id)?.revision ?? -1) > revision) return;
    this.known.set(id, { decision, label, reviewer, isWaiting: false, revision });
  }

  stateOf(id) {
    const op = this.outbox.newest.get(id);
    if (!op) return this.known.get(id) ?? UNDECIDED;
    const decision = op.action === "clear" ? null : op.action;
    return { decision, label: op.label_id, reviewer: this.outbox.reviewer, isWaiting: true };
  }

  /** Decide as `groups` of {ids, action, label} say, remembering how it was; what stands so already is left alone. */
  decide(groups, runId) {
    const fresh = groups.map((group) => ({ ...group, ids: group.ids.filter((id) => !this.stands(id, group)) }));
    const entries = fresh.flatMap(({ ids, action, label }) =>
      ids.map((id) => ({ image_id: id, before: this.stateOf(id), after: { decision: asDecision(action), label } })),
    );
    if (entries.length) this.visit.push(entries);
    this.send(fresh, runId);
  }

  send(groups, runId) {
    for (const { ids, action, label } of groups) {
      if (ids.length) this.outbox.add({ image_ids: ids, action, label_id: label, run_id: runId });
    }
  }

  /** Whether this reviewer has decided exactly so already. */
  stands(id, { action, label }) {
    return isSame(this.stateOf(id), { decision: asDecision(action), label }, this.outbox.reviewer);
  }

  /**
   * Take back the newest decision of this visit: what stood before is decided again. Pictures on which somebody else
   * had the last word since stay as they are. Returns {ids, nLeft}, or null when there is nothing to undo.
   */
  undo(runId) {
    const entries = this.visit.pop();
    if (!entries) return null;
    const ours = entries.filter((entry) => isSame(this.stateOf(entry.image_id), entry.after, this.outbox.reviewer));
    this.send(groupsBefore(ours), runId);
    return { ids: ours.map((entry) => entry.image_id), nLeft: entries.length - ours.length };
  }
}

function asDecision(action) {
  return action === "clear" ? null : action;
}

function isSame(state, after, reviewer) {
  const isOurs = state.decision === null || state.reviewer === reviewer;
  return isOurs && state.decision === after.decision && (state.label ?? null) === (after.label ?? null);
}

/** The decisions that bring back what stood before, as few as possible. */
function groupsBefore(entries) {
  const groups = new Map();
  for (const { image_id, before } of entries) {
    const key = `${before.decision} ${before.label}`;
    if (!groups.has(key)) groups.set(key, { ids: [], action: before.decision ?? "clear", label: before.label });
    groups.get(key).ids.push(image_id);
  }
  return [...groups.values()];
}
