/** Which cards are meant: the cursor, and those selected around it or one by one. Knows positions only. */
export class Selection {
  constructor() {
    this.count = 0;
    this.cursor = 0;
    this.anchor = 0; // where a range begins
    /** @type {Set<number>} */
    this.selected = new Set();
  }

  /**
   * Starts afresh on a page of `count` cards.
   * @param {number} count
   * @param {number} [cursor]
   */
  reset(count, cursor = 0) {
    this.count = count;
    this.cursor = this.anchor = Math.max(0, Math.min(cursor, count - 1));
    this.selected = new Set();
  }

  /**
   * Puts the cursor there; with `extend`, selects everything from where the range began.
   * @param {number} position
   * @param {boolean} [extend]
   */
  moveTo(position, extend = false) {
    this.cursor = Math.max(0, Math.min(this.count - 1, position));
    this.selected.clear();
    if (extend) this.selectRange();
    else this.anchor = this.cursor;
  }

  selectRange() {
    const [low, high] = [Math.min(this.anchor, this.cursor), Math.max(this.anchor, this.cursor)];
    for (let position = low; position <= high; position += 1) this.selected.add(position);
  }

  /**
   * Adds one card to those selected, or removes it; it becomes the cursor.
   * @param {number} position
   */
  toggle(position) {
    if (!this.selected.delete(position)) this.selected.add(position);
    this.cursor = this.anchor = position;
  }

  selectAll() {
    for (let position = 0; position < this.count; position += 1) this.selected.add(position);
  }

  invert() {
    const all = Array.from({ length: this.count }, (_, position) => position);
    this.selected = new Set(all.filter((position) => !this.selected.has(position)));
  }

  /**
   * Selects these besides those of `base`; the last one becomes the cursor.
   * @param {Set<number>} base
   * @param {number[]} positions
   */
  select(base, positions) {
    this.selected = new Set([...base, ...positions]);
    const last = positions.at(-1);
    if (last !== undefined) this.cursor = this.anchor = last;
  }

  clear() {
    this.selected.clear();
    this.anchor = this.cursor;
  }

  /** Returns the positions that a decision is about, in order: those selected, else the cursor's; none on an empty page. */
  targets() {
    if (this.selected.size) return [...this.selected].sort((a, b) => a - b);
    return this.count ? [this.cursor] : [];
  }
}
