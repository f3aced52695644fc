/** The project's labels: by id, by number key, and by a few typed letters. */

const N_KEYS = 9;
const UNKNOWN = { id: null, name: "(unknown label)", colour: "#888888", plain: "" };

export class Labels {
  constructor(list) {
    this.list = list.map((label, position) => ({
      ...label,
      digit: position < N_KEYS ? position + 1 : 0,
      plain: plain(label.name),
    }));
    this.byId = new Map(this.list.map((label) => [label.id, label]));
  }

  find(id) {
    return this.byId.get(id) ?? UNKNOWN;
  }

  name(id) {
    return this.find(id).name;
  }

  /** The label that the number key `digit` stands for, or undefined. */
  ofDigit(digit) {
    return this.list[digit - 1];
  }

  /**
   * Labels that hold every typed word, best first: those that begin with the text, then those with a word that does,
   * then the rest. Without any text: `first` (likely ones, as ids), then all in their order.
   */
  search(text, first = []) {
    const typed = plain(text).trim();
    if (!typed) {
      const likely = [...new Set(first)].map((id) => this.byId.get(id)).filter(Boolean);
      return [...likely, ...this.list.filter((label) => !likely.includes(label))];
    }
    const words = typed.split(/\s+/);
    const ranks = [[], [], []];
    for (const label of this.list) {
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
