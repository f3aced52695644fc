/** Going from picture to picture, from page to page, and to a picture that somebody looks for. */
/** @import { PageCache } from "./page_cache.js" */
/** @import { PageTurn } from "./page_turn.js" */
/** @import { Preferences } from "./preferences.js" */
/** @import { Screen } from "./screen.js" */
/** @import { Sheet } from "./sheet.js" */
/** @import { Toolbar } from "./toolbar.js" */
/** @import { CachedPage, FoundImage, Item, ShownData, TurnMessage } from "./types.js" */

/**
 * @typedef {object} Parts
 * @property {PageTurn} turn
 * @property {PageCache} pages
 * @property {Pick<Toolbar, "notify">} toolbar
 * @property {Pick<Preferences, "advance">} preferences
 * @property {(data: ShownData) => void} showPage
 * @property {(message: TurnMessage) => void} requestPage asks Python for a page
 * @property {(message: Partial<TurnMessage> & {text: string, nonce: number}) => void} requestImage has Python look for an image
 */

export class Navigation {
  /**
   * @param {Sheet} sheet
   * @param {Screen} screen
   * @param {Parts} parts
   */
  constructor(sheet, screen, parts) {
    this.sheet = sheet;
    this.screen = screen;
    this.parts = parts;
    this.startsAtEnd = false; // of the page that comes
    /** @type {number | null} */
    this.lastFound = null; // the number of the search that was answered last
  }

  /**
   * @param {number} by
   * @param {boolean} [extend]
   */
  move(by, extend = false) {
    const { items, selection } = this.sheet;
    const { isOpen } = this.screen.enlarged;
    const position = selection.cursor + by;
    // One at a time goes on over the edge of a page.
    if (isOpen && Math.abs(by) === 1 && !items[position]) this.turnPage(by);
    else {
      selection.moveTo(position, extend && !isOpen);
      this.screen.followSelection();
    }
  }

  /**
   * Moves by rows; in the enlarged view by pictures.
   * @param {number} by
   * @param {boolean} [extend]
   */
  moveRow(by, extend) {
    this.move(this.screen.enlarged.isOpen ? by : by * this.screen.table.columns, extend);
  }

  /**
   * After a decision on one card the next one is up; after one on several, they are no longer selected.
   * @param {boolean} wasSingle
   */
  advance(wasSingle) {
    const { data, items, selection } = this.sheet;
    const isAtEnd = selection.cursor === items.length - 1;
    selection.clear();
    this.screen.followSelection();
    const hasMore = data.page < data.n_pages;
    const { advance } = this.parts.preferences;
    if (!wasSingle || advance === "stay") return;
    if (!isAtEnd || (hasMore && this.screen.enlarged.isOpen)) this.move(1);
    else if (hasMore && advance === "turn") this.turnPage(1);
    else if (hasMore) this.parts.toolbar.notify("End of the page. n turns to the next.");
  }

  /** @param {number} step */
  turnPage(step) {
    const { data } = this.sheet;
    const page = data.page + step;
    if (page < 1 || page > data.n_pages) {
      this.parts.toolbar.notify(step > 0 ? "This is the last page." : "This is the first page.");
      return;
    }
    this.startsAtEnd = step < 0 && this.screen.enlarged.isOpen;
    this.toPage(page);
  }

  /**
   * Goes at once to a page that is at hand; Python has to find any other.
   * @param {number} page
   */
  toPage(page) {
    const { pages, requestPage, turn } = this.parts;
    if (page === this.sheet.data.page) return;
    turn.start(page, async (message) => {
      const cached = await pages.find(page);
      if (!turn.isFor(message.nonce)) return;
      if (cached) this.showCached(cached, message.nonce);
      else {
        pages.takeUnreported();
        requestPage(message);
      }
    });
  }

  /**
   * Shows a page that is at hand; Python, which would have found it, is told.
   * @param {CachedPage} page
   * @param {number} nonce
   */
  showCached(page, nonce) {
    const { data, ledger, nDecided } = this.sheet;
    // The count goes on from here until Python counts again.
    this.parts.showPage({ ...data, ...page, n_decided: nDecided - ledger.nChanged(page.items) });
    this.parts.turn.finish(nonce);
    this.parts.pages.turned(page, nonce);
  }

  /**
   * Puts the cursor on an image of this page, or has Python look for the page it is on.
   * @param {string} text
   */
  toImage(text) {
    const typed = text.toLowerCase();
    const isMeant = (/** @type {Item} */ item) =>
      typed === `#${item.image_id}` || item.file_name.toLowerCase().includes(typed);
    if (this.toItem(isMeant)) return;
    const { pages, requestImage, turn } = this.parts;
    // With the page that is shown, if Python has not heard of it: there it stays when nothing is found.
    turn.start(null, ({ nonce }) => requestImage({ ...pages.takeUnreported(), text, nonce }));
  }

  /**
   * The page came that holds an image somebody looked for, or a sentence that there is none.
   * @param {FoundImage | null} found
   */
  arriveAt(found) {
    if (!found || found.nonce === this.lastFound) return;
    this.lastFound = found.nonce;
    if (!this.toItem((item) => item.image_id === found.image_id)) this.parts.toolbar.notify(found.words);
  }

  /** @param {(item: Item) => boolean} isMeant */
  toItem(isMeant) {
    const isHere = this.sheet.moveToItem(isMeant);
    if (isHere) this.screen.followSelection();
    return isHere;
  }
}
