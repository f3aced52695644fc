/**
 * This reviewer's steps, oldest first: what the server lists, and what this visit does and turns before it answers.
 * What undo and redo do next follows the server's rule: the newest that stands, and the oldest undone after it.
 */
export class Steps {
  constructor() {
    this.list = []; // {key, name, isUndone, touched, entries?, page?}
    this.clock = 0;
  }

  get undoable() {
    return this.list.findLast((step) => !step.isUndone);
  }

  get redoable() {
    return this.list[this.list.findLastIndex((step) => !step.isUndone) + 1];
  }

  find(key) {
    return this.list.find((step) => step.key === key);
  }

  add(step) {
    this.list.push({ ...step, isUndone: false, touched: this.tick() });
  }

  mark(step, isUndone) {
    step.isUndone = isUndone;
    step.touched = this.tick();
  }

  /** The server's word on one step, after it was turned. */
  settle(told) {
    const step = this.find(told.key);
    if (step) Object.assign(step, { name: told.name, isUndone: told.is_undone });
    else this.list.push({ ...told, isUndone: told.is_undone, touched: this.tick() });
  }

  drop(key) {
    this.list = this.list.filter((step) => step.key !== key);
  }

  /** Take in the server's list, newest first. What was done or turned after `asked`, when it was asked for, is newer. */
  take(listed, asked) {
    const isNewer = (step) => step !== undefined && step.touched > asked;
    const told = listed.toReversed().map(({ key, name, is_undone }) => {
      const mine = this.find(key);
      return { touched: 0, ...mine, key, name, isUndone: isNewer(mine) ? mine.isUndone : is_undone };
    });
    const known = new Set(told.map((step) => step.key));
    this.list = [...told, ...this.list.filter((step) => !known.has(step.key) && isNewer(step))];
  }

  tick() {
    this.clock += 1;
    return this.clock;
  }
}
