/**
 * This reviewer's steps, oldest first: what the server lists, and what this visit does and turns before it answers.
 * What undo and redo do next follows the server's rule: the newest that stands, and the oldest undone after it.
 */
/** @import { ListedStep } from "../../types/python.js" */
/** @import { Step } from "./types.js" */

export class Steps {
  constructor() {
    /** @type {Step[]} */
    this.list = [];
    this.clock = 0;
  }

  get undoable() {
    return this.list.findLast((step) => !step.isUndone);
  }

  /** @returns {Step | undefined} */
  get redoable() {
    return this.list[this.list.findLastIndex((step) => !step.isUndone) + 1];
  }

  /** @param {string} key */
  find(key) {
    return this.list.find((step) => step.key === key);
  }

  /** @param {Omit<Step, "isUndone" | "touched">} step */
  add(step) {
    this.list.push({ ...step, isUndone: false, touched: this.tick() });
  }

  /**
   * @param {Step} step
   * @param {boolean} isUndone
   */
  mark(step, isUndone) {
    step.isUndone = isUndone;
    step.touched = this.tick();
  }

  /**
   * Takes over what the server says of a step after it was turned.
   * @param {ListedStep} listed
   */
  settle(listed) {
    const step = this.find(listed.key);
    if (step) Object.assign(step, { name: listed.name, isUndone: listed.is_undone });
    else this.list.push({ key: listed.key, name: listed.name, isUndone: listed.is_undone, touched: this.tick() });
  }

  /** @param {string} key */
  remove(key) {
    this.list = this.list.filter((step) => step.key !== key);
  }

  /**
   * Takes over the server's list, newest first. What was done or turned after `since`, when it was requested, is newer.
   * @param {ListedStep[]} listed
   * @param {number} since
   */
  merge(listed, since) {
    const isNewer = (/** @type {Step | undefined} */ step) => step !== undefined && step.touched > since;
    const merged = listed.toReversed().map(({ key, name, is_undone }) => {
      const own = this.find(key);
      return { touched: 0, ...own, key, name, isUndone: own && isNewer(own) ? own.isUndone : is_undone };
    });
    const keys = new Set(merged.map((step) => step.key));
    this.list = [...merged, ...this.list.filter((step) => !keys.has(step.key) && isNewer(step))];
  }

  tick() {
    this.clock += 1;
    return this.clock;
  }
}
