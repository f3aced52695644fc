/** The page that is shown, who reviews it, and what is decided about it. Knows nothing of elements. */
/** @import { GridLabel } from "../../types/python.js" */
/** @import { GridData, Item, ShownData } from "./types.js" */
import { withAddresses } from "./items.js";
import { Labels } from "./labels.js";
import { Ledger } from "./ledger.js";
import { LikelyLabels } from "./likely_labels.js";
import { outboxFor } from "./outbox.js";
import { Selection } from "./selection.js";

export class Sheet {
  /** @param {GridData} data */
  constructor(data) {
    /** @type {ShownData} */
    this.data = { ...data, items: withAddresses(data.items, data.images_url) };
    this.labels = new Labels([]);
    this.listedLabels = "";
    this.selection = new Selection();
    this.outbox = outboxFor(data.post_url, data.reviewer);
    this.ledger = new Ledger(this.outbox);
    this.likely = new LikelyLabels(data.project_id);
  }

  get items() {
    return this.data.items;
  }

  /** The item under the cursor. */
  get current() {
    return /** @type {Item | undefined} */ (this.items[this.selection.cursor]);
  }

  /** How many pictures of the whole queue are reviewed: what Python counted, and what changed on this page since. */
  get nDecided() {
    return this.data.n_decided + this.ledger.nChanged(this.items);
  }

  /**
   * Takes over whose decisions these are from now on; returns whether that is somebody else.
   * @param {GridData} data
   */
  setReviewer(data) {
    const outbox = outboxFor(data.post_url, data.reviewer);
    if (outbox === this.outbox) return false;
    this.outbox = outbox;
    this.ledger = new Ledger(outbox);
    this.likely = new LikelyLabels(data.project_id);
    return true;
  }

  /**
   * Takes over the project's labels; returns whether they are others than before.
   * @param {GridLabel[]} list
   */
  setLabels(list) {
    const listed = JSON.stringify(list);
    if (listed === this.listedLabels) return false;
    this.listedLabels = listed;
    this.labels = new Labels(list);
    return true;
  }

  /**
   * Puts the cursor on the first item that matches; returns whether there is one.
   * @param {(item: Item) => boolean} matches
   */
  moveToItem(matches) {
    const position = this.items.findIndex(matches);
    if (position >= 0) this.selection.moveTo(position);
    return position >= 0;
  }
}
