/**
 * A turn to a page that is not cached takes a trip to Python and back. Keys pressed meanwhile must not act on the old
 * page's pictures: those of a fast typist wait for the new page; those of somebody who waits and wonders are ignored.
 */
/** @import { Command, TurnMessage } from "./types.js" */

const HELD_MS = 300;
const DIMMED_AFTER_MS = 200;
const GIVEN_UP_MS = 15000;

export class PageTurn {
  /**
   * @param {HTMLElement} root
   * @param {(command: Command) => void} run carries out a command
   * @param {() => void} giveUp says that no page came
   */
  constructor(root, run, giveUp) {
    this.root = root;
    this.run = run;
    this.giveUp = giveUp;
    /** @type {number | null} */
    this.nonce = null; // of the turn under way
    this.startedAt = 0;
    this.dimTimer = 0;
    this.endTimer = 0;
    /** @type {Command[]} */
    this.held = [];
  }

  get isUnderWay() {
    return this.nonce !== null;
  }

  /**
   * Requests a page through `send`; the data that answers carries the nonce back.
   * @param {number | null} page
   * @param {(message: TurnMessage) => void} send
   */
  start(page, send) {
    const nonce = Math.floor(Math.random() * 2 ** 40);
    this.nonce = nonce;
    this.startedAt = performance.now();
    this.dimTimer = setTimeout(() => this.root.classList.add("turning"), DIMMED_AFTER_MS);
    this.endTimer = setTimeout(() => this.fail(), GIVEN_UP_MS);
    send({ page, nonce });
  }

  /**
   * Whether the turn with that nonce is under way.
   * @param {number | null} nonce
   */
  isFor(nonce) {
    return nonce !== null && this.nonce === nonce;
  }

  /**
   * Runs a command, or holds it for the page that comes.
   * @param {Command} command
   */
  guard(command) {
    if (!this.isUnderWay) this.run(command);
    else if (performance.now() - this.startedAt < HELD_MS) this.held.push(command);
  }

  /**
   * Data has come; when it answers the turn under way, what was held is carried out.
   * @param {number | null} nonce
   */
  finish(nonce) {
    if (!this.isUnderWay || nonce !== this.nonce) return;
    const { held } = this;
    this.end();
    for (const command of held) this.guard(command);
  }

  fail() {
    this.end();
    this.giveUp();
  }

  end() {
    clearTimeout(this.dimTimer);
    clearTimeout(this.endTimer);
    this.root.classList.remove("turning");
    this.nonce = null;
    this.held = [];
  }
}
