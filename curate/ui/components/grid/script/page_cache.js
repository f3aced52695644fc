/**
 * Pages at hand: those that were shown, and the two after what is shown, fetched ahead. Turning to one of them waits for
 * nobody; Python is told, and follows.
 */
import { prefetch } from "./cards.js";

const AHEAD = 2; // somebody who leafs presses again at once
const MOST_KEPT = 50;
const TOLD_AFTER_MS = 150; // leafing costs no rerun of Python's until it comes to rest
const FOLLOWED_MS = 15000; // Python's word stands again if it has not heard of a turn by then
const TOLD_AGAIN_MS = 1500; // a trigger that went out while the connection was cut is lost

export class Pages {
  constructor(grid) {
    this.grid = grid;
    this.known = new Map(); // number -> {page, items, after}, or a promise of it (of null, when it did not come)
    this.told = null; // {value, first, at}: a turn of which Python has still to hear, and when it was told
    this.waiting = null; // its value, as long as it is not on its way
  }

  /** What Python shows: a page of a list that may be another one now. */
  take({ page, items, after, listing, view_key, version_id, reviewer }) {
    const list = JSON.stringify([listing, view_key, version_id, reviewer]);
    if (list !== this.list) this.known.clear();
    this.list = list;
    if (!listing) return;
    this.known.set(page, { page, items, after });
    if (this.known.size > MOST_KEPT) this.known.delete(this.known.keys().next().value);
    this.fetchAhead(page);
  }

  async fetchAhead(page) {
    for (let number = page + 1; number <= page + AHEAD; number += 1) if (!(await this.find(number))) return;
  }

  /** A page, or a promise of it; undefined when only Python can find it. */
  find(number) {
    const { listing } = this.grid.data;
    const before = this.known.get(number - 1);
    if (this.known.has(number) || !listing || !before?.after) return this.known.get(number);
    const coming = this.fetch(number, before.after).then((page) => {
      if (this.known.get(number) !== coming) return null; // the list is another one by now
      if (page) this.known.set(number, page);
      else this.known.delete(number);
      return page;
    });
    this.known.set(number, coming);
    return coming;
  }

  async fetch(number, after) {
    const { data, outbox, ledger } = this.grid;
    const { view, size } = data.listing;
    const asked = new URLSearchParams({ view: JSON.stringify(view), size, number, after });
    const page = await outbox.look(`pages?${asked}`);
    if (!page?.items.length || page.version_id !== data.version_id) return null;
    page.items = addressed(page.items, data.images_url);
    ledger.learnItems(page.items, page.revision);
    prefetch(page.items.map((item) => item.thumb));
    return page;
  }

  /** A page of these is shown now, asked for under that number: tell Python, and go on fetching. */
  turned({ page, items, after }, nonce) {
    const value = { page, nonce, shown: { image_ids: items.map((item) => item.image_id), after } };
    this.told = { value, first: performance.now(), at: performance.now() };
    this.untold();
    this.waiting = value;
    this.timer = setTimeout(() => this.grid.component.setTriggerValue("turn", this.untold()), TOLD_AFTER_MS);
    this.fetchAhead(page);
  }

  /** So much has been decided elsewhere that what is said of pages at hand may not be true any more. */
  forget() {
    this.known.clear();
  }

  /** The turn of which Python was about to be told, null without one: it will not be now. */
  untold() {
    clearTimeout(this.timer);
    const value = this.waiting;
    this.waiting = null;
    return value;
  }

  /** Whether what Python sends is of a page from which somebody has turned on since. */
  isAheadOf({ turned, view_key, version_id }) {
    const { component, data, turn } = this.grid;
    const isSameList = this.told && view_key === data.view_key && version_id === data.version_id;
    const hasHeard = turned === this.told?.value.nonce || turn.isFor(turned);
    const now = performance.now();
    if (!isSameList || hasHeard || now - this.told.first > FOLLOWED_MS) {
      this.told = null;
      return false;
    }
    if (now - this.told.at > TOLD_AGAIN_MS) {
      this.told.at = now;
      component.setTriggerValue("turn", this.told.value);
    }
    return true;
  }
}

/**
 * A picture of a page, as `curate/review/listing/cards.py` writes it; labels are ids. The last five are sent by runs with
 * doubts only. tests/ui/test_card_schema.py compares the two.
 *
 * @typedef {object} Item
 * @property {number} image_id
 * @property {string} sha
 * @property {string} file_name
 * @property {number} label
 * @property {number | null} predicted
 * @property {number | null} loss
 * @property {number | null} p_actual
 * @property {number | null} p_predicted
 * @property {string | null} split
 * @property {"keep" | "delete" | "relabel" | null} decision
 * @property {number | null} decision_label
 * @property {string | null} decided_by
 * @property {boolean} checked
 * @property {number | null} changed
 * @property {boolean} same_picture_elsewhere
 * @property {{kind: string, by: string, text: string, to: string, n_more: number} | null} noted
 * @property {number} [doubt]
 * @property {{action: string, label: number | null, p: number | null} | null} [suggestion]
 * @property {boolean} [asks_again]
 * @property {string} [why]
 * @property {string} [why_short]
 */

/** Items with the addresses of their pictures. */
export function addressed(items, imagesUrl) {
  return items.map((item) => {
    const picture = `${imagesUrl}/${item.sha}`;
    return { ...item, thumb: `${picture}/thumb`, view: `${picture}/view` };
  });
}
