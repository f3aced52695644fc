/** Going from picture to picture, from page to page, and to a picture that somebody looks for. */

export class Going {
  constructor(grid) {
    this.grid = grid;
    this.landsLast = false; // on the last picture of the page that comes
  }

  move(by, extend) {
    const { enlarged, items, selection } = this.grid;
    const to = selection.cursor + by;
    // One at a time goes on over the edge of a page.
    if (enlarged.isOpen && Math.abs(by) === 1 && !items[to]) this.turnPage(by);
    else this.grid.select(() => selection.moveTo(to, extend && !enlarged.isOpen));
  }

  turnPage(step) {
    const { data, enlarged, toolbar } = this.grid;
    const page = data.page + step;
    if (page < 1 || page > data.n_pages) {
      toolbar.say(step > 0 ? "This is the last page." : "This is the first page.");
    } else {
      this.landsLast = step < 0 && enlarged.isOpen;
      this.toPage(page);
    }
  }

  /** To a page that is at hand, at once; Python has to find any other. */
  toPage(page) {
    const { component, data, pages, turn } = this.grid;
    if (page === data.page) return;
    turn.ask(page, async (asked) => {
      const found = await pages.find(page);
      if (!turn.isFor(asked.nonce)) return;
      if (found) return this.show(found, asked.nonce);
      pages.untold();
      return component.setTriggerValue("turn", asked);
    });
  }

  /** Show a page that is at hand; Python, which would have found it, is told. */
  show(page, nonce) {
    const { data, ledger, pages, turn } = this.grid;
    const nDecided = this.grid.nDecided() - ledger.nChanged(page.items); // goes on from here until Python counts again
    this.grid.showPage({ ...data, ...page, n_decided: nDecided });
    turn.arrived(nonce);
    pages.turned(page, nonce);
  }

  /** Put the cursor on an image of this page, or have Python look for the page it is on. */
  toImage(text) {
    const wanted = text.toLowerCase();
    const isMeant = (item) => wanted === `#${item.image_id}` || item.file_name.toLowerCase().includes(wanted);
    if (this.toItem(isMeant)) return;
    const { component, pages, turn } = this.grid;
    // With the page that is shown, if Python has not heard of it: there it stays when nothing is found.
    turn.ask(null, ({ nonce }) => component.setTriggerValue("find", { ...pages.untold(), text, nonce }));
  }

  /** The page came that holds an image somebody looked for, or word that there is none. */
  arrive(found) {
    if (!found || found.nonce === this.foundNonce) return;
    this.foundNonce = found.nonce;
    if (!this.toItem((item) => item.image_id === found.image_id)) this.grid.toolbar.say(found.words);
  }

  toItem(isMeant) {
    const position = this.grid.items.findIndex(isMeant);
    if (position >= 0) this.grid.select(() => this.grid.selection.moveTo(position));
    return position >= 0;
  }
}
