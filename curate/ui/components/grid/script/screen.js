/** Shows the sheet: its cards, the enlarged one, and what the bar says about them. */
/** @import { CardTable } from "./cards.js" */
/** @import { Enlarged } from "./enlarged.js" */
/** @import { HistoryMenu } from "./history_menu.js" */
/** @import { Sheet } from "./sheet.js" */
/** @import { Toolbar } from "./toolbar.js" */
import { setAttribute } from "../../elements.js";
import { describe, hasValue } from "./card_text.js";
import { count } from "./format.js";
import { prefetch } from "./prefetch.js";

/**
 * @typedef {object} Parts
 * @property {HTMLElement} root
 * @property {CardTable} table
 * @property {Enlarged} enlarged
 * @property {Pick<Toolbar, "showProgress" | "showSteps" | "showSelection">} toolbar
 * @property {Pick<HistoryMenu, "show">} history
 */

export class Screen {
  /**
   * @param {Sheet} sheet
   * @param {Parts} parts
   */
  constructor(sheet, { root, table, enlarged, toolbar, history }) {
    this.sheet = sheet;
    this.root = root;
    this.table = table;
    this.enlarged = enlarged;
    this.toolbar = toolbar;
    this.history = history;
  }

  showItems() {
    const { data, items, labels } = this.sheet;
    const maxLoss = data.max_loss || Math.max(1e-9, ...items.map((item) => item.loss ?? 0));
    this.root.classList.toggle("doubted", items.some((item) => hasValue(item.doubt)));
    this.table.show(items, labels, maxLoss);
    this.root.classList.toggle("empty", !items.length);
    this.table.element.hidden = !items.length;
    this.showDecisions();
  }

  /**
   * Shows what is decided on this page, or only about the images of `ids`.
   * @param {Set<number> | null} [ids]
   */
  showDecisions(ids = null) {
    const { data, items, labels, ledger } = this.sheet;
    items.forEach((item, position) => {
      if (ids && !ids.has(item.image_id)) return;
      const state = ledger.stateOf(item.image_id);
      const card = this.table.cards[position];
      card.showDecision(state, labels, data.reviewer);
      const place = `${count(position + 1)} of ${count(items.length)}`;
      setAttribute(card.element, "aria-label", `${describe(item, state, labels)}, ${place}`);
    });
    this.toolbar.showProgress(this.sheet.nDecided, data.n_total);
    this.toolbar.showSteps(ledger.steps);
    this.history.show();
    this.showEnlarged();
  }

  showSelection() {
    const { selection } = this.sheet;
    this.table.mark(selection);
    this.toolbar.showSelection(selection.selected.size);
    this.showEnlarged();
  }

  /** Shows a selection that has changed, with its cursor in sight. */
  followSelection() {
    this.showSelection();
    this.scrollToCursor();
  }

  scrollToCursor() {
    this.table.cards[this.sheet.selection.cursor]?.element.scrollIntoView({ block: "nearest" });
  }

  showEnlarged() {
    if (!this.enlarged.isOpen) return;
    const { current, data, items, labels, ledger, selection } = this.sheet;
    if (!current) {
      if (!items.length) this.enlarged.close(); // else a shorter page: its cursor comes next
      return;
    }
    const { cursor } = selection;
    const place = `${count(cursor + 1)} of ${count(items.length)}`;
    const state = ledger.stateOf(current.image_id);
    this.enlarged.show(current, labels, place, items.slice(cursor + 1, cursor + 3), data, state);
    prefetch([items[cursor + 1], items[cursor - 1]].flatMap((item) => (item ? [item.view] : [])));
  }

  toggleEnlarged() {
    if (this.enlarged.isOpen) this.enlarged.close();
    else if (this.sheet.items.length) {
      this.enlarged.open();
      this.showEnlarged();
    }
  }

  /** Returns the positions that a decision is about: in the enlarged view only that of the picture one looks at. */
  targets() {
    const { items, selection } = this.sheet;
    return this.enlarged.isOpen ? [selection.cursor].filter((position) => items[position]) : selection.targets();
  }

  /** Returns the items that a decision is about. */
  targetItems() {
    return this.targets().map((position) => this.sheet.items[position]);
  }

  /**
   * Draws the eye to the cards of these images.
   * @param {Set<number>} ids
   */
  flash(ids) {
    this.sheet.items.forEach((item, position) => ids.has(item.image_id) && this.table.cards[position].flash());
  }
}
