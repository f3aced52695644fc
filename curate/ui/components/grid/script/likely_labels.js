/** Which labels a person is likely to want next: what the evidence says of the pictures, then what was used of late. */

const N_KEPT = 8;

export class Likely {
  constructor(projectId) {
    this.storedAs = `curate.labels.used|${projectId}`;
    this.recent = read(this.storedAs);
  }

  /** Remember, in this browser, that a label was given. */
  used(id) {
    this.recent = [id, ...this.recent.filter((other) => other !== id)].slice(0, N_KEPT);
    try {
      localStorage.setItem(this.storedAs, JSON.stringify(this.recent));
    } catch {
      // No storage: they are remembered as long as the page.
    }
  }

  /** Label ids for these pictures, most likely first; the label that all of them have is none of them. */
  of(items) {
    const weights = new Map();
    const add = (id, weight) => id && weights.set(id, (weights.get(id) ?? 0) + weight);
    for (const item of items) {
      add(item.suggestion?.label, 2 + (item.suggestion?.p ?? 0));
      add(item.predicted, 1 + (item.p_predicted ?? 0));
      for (const [id, share] of item.top ?? []) add(id, share);
    }
    const best = [...weights].sort((a, b) => b[1] - a[1]).map(([id]) => id);
    const isShared = (id) => items.every((item) => item.label === id);
    return [...new Set([...best, ...this.recent])].filter((id) => !isShared(id));
  }
}

function read(storedAs) {
  try {
    const stored = JSON.parse(localStorage.getItem(storedAs));
    return Array.isArray(stored) ? stored : [];
  } catch {
    return [];
  }
}
