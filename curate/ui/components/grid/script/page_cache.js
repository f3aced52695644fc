/**
 * Pages at hand: those that were shown, and the two after what is shown, fetched ahead. Turning to one of them waits for
 * nobody; Python is told, and follows.
 */
/** @import { PageTurn } from "./page_turn.js" */
/** @import { Sheet } from "./sheet.js" */
/** @import { CachedPage, GridData, ShownData, TurnMessage } from "./types.js" */
import { withAddresses } from "./items.js";
import { prefetch } from "./prefetch.js";

const AHEAD = 2; // somebody who leafs presses again at once
const MOST_KEPT = 50;
const REPORTED_AFTER_MS = 150; // leafing costs no rerun of Python's until it comes to rest
const FOLLOWED_MS = 15000; // what Python sends counts again if it has not heard of a turn by then
const REPORTED_AGAIN_MS = 1500; // a message sent while the connection was cut is lost

export class PageCache {
  /**
   * @param {{data: ShownData, outbox: Pick<Sheet["outbox"], "server">, ledger: Pick<Sheet["ledger"], "learnItems">}} sheet
   * @param {Pick<PageTurn, "isFor">} turn
   * @param {(message: TurnMessage) => void} report tells Python of a turn
   */
  constructor(sheet, turn, report) {
    this.sheet = sheet;
    this.turn = turn;
    this.report = report;
    this.list = ""; // names the list that the pages belong to
    /** @type {Map<number, CachedPage | Promise<CachedPage | null>>} */
    this.pages = new Map(); // a promise of null when the page does not come
    /** @type {{message: TurnMessage, first: number, at: number} | null} */
    this.reported = null; // a turn that Python has still to follow, and when it was reported
    /** @type {TurnMessage | null} */
    this.waiting = null; // its message, until that is on its way
    this.timer = 0;
  }

  /**
   * Takes over what Python shows: a page of a list that may be another one now.
   * @param {ShownData} data
   */
  add({ page, items, after, listing, view_key, version_id, reviewer }) {
    const list = JSON.stringify([listing, view_key, version_id, reviewer]);
    if (list !== this.list) this.pages.clear();
    this.list = list;
    if (!listing) return;
    this.pages.set(page, { page, items, after });
    const [oldest] = this.pages.keys();
    if (this.pages.size > MOST_KEPT) this.pages.delete(oldest);
    this.fetchAhead(page);
  }

  /** @param {number} page */
  async fetchAhead(page) {
    for (let number = page + 1; number <= page + AHEAD; number += 1) if (!(await this.find(number))) return;
  }

  /**
   * Returns a page, or a promise of it; undefined when only Python can find it.
   * @param {number} number
   */
  find(number) {
    const { listing } = this.sheet.data;
    const before = this.pages.get(number - 1);
    if (this.pages.has(number) || !listing || !before || before instanceof Promise || !before.after) {
      return this.pages.get(number);
    }
    const coming = this.fetch(number, before.after).then((page) => {
      if (this.pages.get(number) !== coming) return null; // the list is another one by now
      if (page) this.pages.set(number, page);
      else this.pages.delete(number);
      return page;
    });
    this.pages.set(number, coming);
    return coming;
  }

  /**
   * @param {number} number
   * @param {string} after
   * @returns {Promise<CachedPage | null>}
   */
  async fetch(number, after) {
    const { data, outbox, ledger } = this.sheet;
    if (!data.listing) return null;
    const { view, size } = data.listing;
    const query = { view: JSON.stringify(view), size: String(size), number: String(number), after };
    const answer = await outbox.server.fetchPage(query);
    if (!answer?.items.length || answer.version_id !== data.version_id) return null;
    const items = withAddresses(answer.items, data.images_url);
    ledger.learnItems(items, answer.revision);
    prefetch(items.map((item) => item.thumb));
    return { page: answer.page, items, after: answer.after };
  }

  /**
   * One of these pages is shown now, requested under that number: Python is told, and fetching goes on.
   * @param {CachedPage} page
   * @param {number} nonce
   */
  turned({ page, items, after }, nonce) {
    const message = { page, nonce, shown: { image_ids: items.map((item) => item.image_id), after } };
    this.reported = { message, first: performance.now(), at: performance.now() };
    this.takeUnreported();
    this.waiting = message;
    this.timer = setTimeout(() => {
      this.waiting = null;
      this.report(message);
    }, REPORTED_AFTER_MS);
    this.fetchAhead(page);
  }

  /** So much has been decided elsewhere that what pages at hand say may not be true any more. */
  clear() {
    this.pages.clear();
  }

  /** Returns the turn that Python was about to be told of, null without one; it will not be told now. */
  takeUnreported() {
    clearTimeout(this.timer);
    const message = this.waiting;
    this.waiting = null;
    return message;
  }

  /**
   * Whether what Python sends is of a page from which somebody has turned on since.
   * @param {Pick<GridData, "turned" | "view_key" | "version_id">} sent
   */
  isAheadOf({ turned, view_key, version_id }) {
    const { reported } = this;
    if (!reported) return false;
    const { data } = this.sheet;
    const isSameList = view_key === data.view_key && version_id === data.version_id;
    const hasFollowed = turned === reported.message.nonce || this.turn.isFor(turned);
    const now = performance.now();
    if (!isSameList || hasFollowed || now - reported.first > FOLLOWED_MS) {
      this.reported = null;
      return false;
    }
    if (now - reported.at > REPORTED_AGAIN_MS) {
      reported.at = now;
      this.report(reported.message);
    }
    return true;
  }
}
