/** The project's labels: by id, by key, and by a few typed letters. */
/** @import { GridLabel } from "../../types/python.js" */

/** @typedef {GridLabel & {plain: string}} Label `plain`: its name in lower case without accents */

const UNKNOWN = { id: null, name: "(unknown label)", colour: "#888888" };

export class Labels {
  /** @param {GridLabel[]} list */
  constructor(list) {
    /** @type {Label[]} */
    this.list = list.map((label) => ({ ...label, plain: plain(label.name) }));
    this.byId = new Map(this.list.map((label) => [label.id, label]));
    this.byKey = new Map(this.list.flatMap((label) => (label.key ? [[label.key, label]] : [])));
  }

  /**
   * Returns the label with that id; one named as unknown when there is none.
   * @param {number | null | undefined} id
   */
  find(id) {
    return this.byId.get(id ?? NaN) ?? UNKNOWN;
  }

  /** @param {number | null | undefined} id */
  name(id) {
    return this.find(id).name;
  }

  /**
   * Returns the label that a key stands for.
   * @param {string | undefined} key
   */
  ofKey(key) {
    return key === undefined ? undefined : this.byKey.get(key);
  }

  /** Returns those with keys first, then the rest, each in the project's order. */
  forLegend() {
    return [...this.list.filter((label) => label.key), ...this.list.filter((label) => !label.key)];
  }

  /**
   * Returns the labels that hold every typed word, best first: those that begin with the text, then those with a word
   * that does, then the rest; within each the likely ones lead. Without any text: the likely ones, then all.
   * @param {string} text
   * @param {number[]} [likelyIds]
   */
  search(text, likelyIds = []) {
    const typed = plain(text).trim();
    const likely = new Set(likelyIds.flatMap((id) => this.byId.get(id) ?? []));
    const inOrder = [...likely, ...this.list.filter((label) => !likely.has(label))];
    if (!typed) return inOrder;
    const words = typed.split(/\s+/);
    /** @type {Label[][]} */
    const ranks = [[], [], []];
    for (const label of inOrder) {
      if (words.every((word) => label.plain.includes(word))) ranks[rank(label.plain, typed)].push(label);
    }
    return ranks.flat();
  }
}

/**
 * @param {string} name
 * @param {string} typed
 */
function rank(name, typed) {
  if (name.startsWith(typed)) return 0;
  return name.split(/[\s_\-/]+/).some((word) => word.startsWith(typed)) ? 1 : 2;
}

/**
 * Returns the text in lower case without accents, so that "etagere" finds "Étagère".
 * @param {string} text
 */
function plain(text) {
  return text.normalize("NFKD").replace(/\p{Mark}/gu, "").toLowerCase();
}
