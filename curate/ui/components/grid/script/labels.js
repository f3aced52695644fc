/** The project's labels: by id, by key, and by a few typed letters. */

const UNKNOWN = { id: null, name: "(unknown label)", colour: "#888888", plain: "" };

export class Labels {
  constructor(list) {
    this.list = list.map((label) => ({ ...label, plain: plain(label.name) }));
    this.byId = new Map(this.list.map((label) => [label.id, label]));
    this.byKey = new Map(this.list.filter((label) => label.key).map((label) => [label.key, label]));
  }

  find(id) {
    return this.byId.get(id) ?? UNKNOWN;
  }

  name(id) {
    return this.find(id).name;
  }

  /** The label that a key stands for, or undefined. */
  ofKey(key) {
    return this.byKey.get(key);
  }

  /** Those with keys first, in the order of the keyboard's digits, then the rest by position. */
  forLegend() {
    return [...this.list.filter((label) => label.key), ...this.list.filter((label) => !label.key)];
  }

  /**
   * Labels that hold every typed word, best first: those that begin with the text, then those with a word that does,
   * then the rest; within each the likely ones (`first`, as ids) lead. Without any text: likely ones, then all.
   */
  search(text, first = []) {
    const typed = plain(text).trim();
    const likely = new Set([...new Set(first)].map((id) => this.byId.get(id)).filter(Boolean));
    const inOrder = [...likely, ...this.list.filter((label) => !likely.has(label))];
    if (!typed) return inOrder;
    const words = typed.split(/\s+/);
    const ranks = [[], [], []];
    for (const label of inOrder) {
      if (words.every((word) => label.plain.includes(word))) ranks[rank(label.plain, typed)].push(label);
    }
    return ranks.flat();
  }
}

function rank(name, typed) {
  if (name.startsWith(typed)) return 0;
  return name.split(/[\s_\-/]+/).some((word) => word.startsWith(typed)) ? 1 : 2;
}

/** Lower case without accents, so that "etagere" finds "Étagère". */
function plain(text) {
  return text.normalize("NFKD").replace(/\p{Mark}/gu, "").toLowerCase();
}
