/** Which labels a person is likely to want next: what the evidence says of the pictures, then what was used of late. */
/** @import { Item } from "./types.js" */
import { readStored, store } from "./storage.js";

const N_KEPT = 8;

export class LikelyLabels {
  /** @param {number} projectId */
  constructor(projectId) {
    this.storedAs = `curate.labels.used|${projectId}`;
    const stored = readStored(this.storedAs);
    /** @type {number[]} */
    this.recent = Array.isArray(stored) ? stored : [];
  }

  /**
   * Remembers, in this browser, that a label was given.
   * @param {number} id
   */
  remember(id) {
    this.recent = [id, ...this.recent.filter((other) => other !== id)].slice(0, N_KEPT);
    store(this.storedAs, this.recent);
  }

  /**
   * Returns label ids for these pictures, most likely first, without the label that all of them have.
   * @param {Pick<Item, "label" | "predicted" | "p_predicted" | "suggestion">[]} items
   */
  rank(items) {
    /** @type {Map<number, number>} */
    const weights = new Map();
    const add = (/** @type {number | null | undefined} */ id, /** @type {number} */ weight) => {
      if (id) weights.set(id, (weights.get(id) ?? 0) + weight);
    };
    for (const item of items) {
      add(item.suggestion?.label, 3);
      add(item.predicted, 1 + (item.p_predicted ?? 0));
    }
    const best = [...weights].sort((a, b) => b[1] - a[1]).map(([id]) => id);
    const isShared = (/** @type {number} */ id) => items.every((item) => item.label === id);
    return [...new Set([...best, ...this.recent])].filter((id) => !isShared(id));
  }
}
