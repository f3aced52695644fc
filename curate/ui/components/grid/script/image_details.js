/** What the server knows of single images, fetched once, kept for a while, and fetched ahead for the next ones. */
/** @import { CloseUp, GridData, Neighbours, Result } from "./types.js" */
import { errorText, readRefusal } from "../../error_text.js";

const MOST_KEPT = 200;
const STALE_MS = 4000; // others may have decided since
const UNREACHABLE = "The server cannot be reached at the moment; it is asked again when you come back to this picture.";

/**
 * @template T
 * @typedef {object} Entry
 * @property {number} at
 * @property {string | null} mark
 * @property {Promise<Result<T>>} answer
 * @property {Result<T> | null} done the answer once it is here
 * @property {Result<T> | null} before what was known until the entry was made
 */

export class ImageDetails {
  constructor() {
    /** @type {Cache<CloseUp>} */
    this.closeUps = new Cache((response) => response.json(), STALE_MS);
    /** @type {Cache<Neighbours>} */
    this.neighbours = new Cache((response) => response.json());
    this.heatMaps = new Cache(async (response) => URL.createObjectURL(await response.blob()), Infinity, (url) => URL.revokeObjectURL(url));
    this.base = "";
    this.run = "";
    this.token = "";
  }

  /**
   * Serves that project and run from now on.
   * @param {Pick<GridData, "post_url" | "run_id" | "token">} data
   */
  connect(data) {
    this.base = data.post_url.replace(/(\/api\/projects\/\d+)\/.*$/, "$1/images/"); // a session has none of its own
    this.run = String(data.run_id ?? "");
    this.token = data.token;
  }

  /**
   * Returns an image's facts, origin, story and probabilities, fetched anew for another `mark`.
   * @param {number} id
   * @param {string | null} [mark]
   */
  closeUp(id, mark = null) {
    return this.closeUps.find(`${this.base}${id}/closeup?run=${this.run}`, this.token, mark);
  }

  /**
   * Returns the nearest pictures of both labels.
   * @param {number} id
   */
  near(id) {
    return this.neighbours.find(`${this.base}${id}/near?run=${this.run}`, this.token).answer;
  }

  /**
   * Returns the address of a heat map for an image element.
   * @param {number} id
   * @param {number} label
   */
  heatMap(id, label) {
    return this.heatMaps.find(`${this.base}${id}/heat?run=${this.run}&label=${label}`, this.token).answer;
  }
}

/** @template T */
class Cache {
  /**
   * @param {(response: Response) => Promise<T>} read
   * @param {number} [staleMs]
   * @param {(value: T) => void} [release]
   */
  constructor(read, staleMs = Infinity, release = () => {}) {
    this.read = read;
    this.staleMs = staleMs;
    this.release = release;
    /** @type {Map<string, Entry<T>>} */
    this.entries = new Map(); // by address, the oldest first
  }

  /**
   * @param {string} address
   * @param {string} token
   * @param {string | null} [mark]
   * @returns {Entry<T>}
   */
  find(address, token, mark = null) {
    const known = this.entries.get(address);
    const isSame = known && (mark === null || known.mark === null || known.mark === mark);
    if (isSame && Date.now() - known.at < this.staleMs) {
      known.mark ??= mark;
      return known;
    }
    /** @type {Entry<T>} */
    const entry = { at: Date.now(), mark, answer: this.fetch(address, token), done: null, before: known?.done ?? null };
    this.entries.delete(address);
    this.entries.set(address, entry);
    entry.answer.then((answer) => {
      entry.done = answer;
      if (answer.error && this.entries.get(address) === entry) this.entries.delete(address); // fetched again next time
    });
    this.forgetOldest();
    return entry;
  }

  /**
   * @param {string} address
   * @param {string} token
   * @returns {Promise<Result<T>>}
   */
  async fetch(address, token) {
    try {
      const response = await fetch(address, { headers: { "X-Curate-Token": token } });
      if (response.ok) return { value: await this.read(response) };
      return { error: errorText(await readRefusal(response)) || UNREACHABLE };
    } catch {
      return { error: UNREACHABLE };
    }
  }

  forgetOldest() {
    for (const [address, { answer }] of this.entries) {
      if (this.entries.size <= MOST_KEPT) return;
      this.entries.delete(address);
      answer.then(({ value }) => value !== undefined && this.release(value));
    }
  }
}
