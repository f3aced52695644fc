/**
 * Decisions that the server has not acknowledged, kept in localStorage until it has: a reload, a crash or a closed
 * laptop lid while offline loses nothing. One entry per decision, so that two tabs never overwrite each other's.
 */
export class Shelf {
  constructor(url, reviewer) {
    this.prefix = `curate.waiting|${url}|${reviewer}|`;
  }

  /** What earlier visits of the same reviewer left unsent, oldest first. */
  load() {
    return this.keys().map(read).filter(Boolean).sort((a, b) => a.at - b.at || a.seq - b.seq);
  }

  put(op) {
    try {
      localStorage.setItem(this.keyOf(op), JSON.stringify(op));
    } catch {
      // No storage, or it is full: the decision still waits in memory, and leaving the page warns.
    }
  }

  remove(op) {
    try {
      localStorage.removeItem(this.keyOf(op));
    } catch {
      // No storage: there is nothing to remove.
    }
  }

  keyOf(op) {
    return `${this.prefix}${op.client}|${op.seq}`;
  }

  keys() {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(this.prefix));
    } catch {
      return [];
    }
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}
