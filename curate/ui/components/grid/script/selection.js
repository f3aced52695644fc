/** Which cards are meant: the cursor, and those selected around it or one by one. Knows positions only. */
export class Selection {
  constructor() {
    this.reset(0);
  }

  /** Start afresh on a page of `count` cards. */
  reset(count, cursor = 0) {
    this.count = count;
    this.cursor = this.anchor = Math.max(0, Math.min(cursor, count - 1));
    this.picked = new Set();
  }

  /** Put the cursor there; with `extend`, select everything between here and where the range began. */
  moveTo(position, extend = false) {
    this.cursor = Math.max(0, Math.min(this.count - 1, position));
    this.picked.clear();
    if (extend) this.pickRange();
    else this.anchor = this.cursor;
  }

  pickRange() {
    const [low, high] = [Math.min(this.anchor, this.cursor), Math.max(this.anchor, this.cursor)];
    for (let position = low; position <= high; position += 1) this.picked.add(position);
  }

  /** Add one card to those selected, or take it out; it becomes the cursor. */
  toggle(position) {
    if (!this.picked.delete(position)) this.picked.add(position);
    this.cursor = this.anchor = position;
  }

  pickAll() {
    for (let position = 0; position < this.count; position += 1) this.picked.add(position);
  }

  /** Select what is not, and no longer what is. */
  invert() {
    const all = Array.from({ length: this.count }, (_, position) => position);
    this.picked = new Set(all.filter((position) => !this.picked.has(position)));
  }

  /** Select these besides those of `base`; the last one becomes the cursor. */
  pickThese(base, positions) {
    this.picked = new Set([...base, ...positions]);
    if (positions.length) this.cursor = this.anchor = positions.at(-1);
  }

  clear() {
    this.picked.clear();
    this.anchor = this.cursor;
  }

  /** Positions that a decision is about, in order: those selected, else the cursor's; none on an empty page. */
  targets() {
    if (this.picked.size) return [...this.picked].sort((a, b) => a - b);
    return this.count ? [this.cursor] : [];
  }
}
