/**
 * Decisions that the server has not acknowledged, kept in the browser's storage until it has: a reload, a crash or a
 * closed laptop lid while offline loses nothing. One entry per decision, so that two tabs never overwrite each other's.
 */
/** @import { Op } from "./types.js" */
import { readStored, removeStored, store, storedKeys } from "./storage.js";

export class UnsentStore {
  /**
   * @param {string} url
   * @param {string} reviewer
   */
  constructor(url, reviewer) {
    this.prefix = `curate.waiting|${url}|${reviewer}|`;
  }

  /**
   * Returns what earlier visits of the same reviewer left unsent, oldest first.
   * @returns {Op[]}
   */
  load() {
    const ops = storedKeys(this.prefix).map((key) => /** @type {Op | null} */ (readStored(key)));
    return ops.filter((op) => op !== null).sort((a, b) => a.at - b.at || a.seq - b.seq);
  }

  /** @param {Op} op */
  add(op) {
    store(this.keyOf(op), op);
  }

  /** @param {Op} op */
  remove(op) {
    removeStored(this.keyOf(op));
  }

  /** @param {Op} op */
  keyOf(op) {
    return `${this.prefix}${op.client}|${op.seq}`;
  }
}
