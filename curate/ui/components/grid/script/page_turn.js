/**
 * Turning to a page that is not at hand takes a trip to Python and back. Keys pressed in that time must not fall on the
 * old page's pictures: those of a fast typist wait for the new page; those of somebody who waits and wonders are ignored.
 */
const HELD_MS = 300;
const DIMMED_AFTER_MS = 200;
const GIVEN_UP_MS = 15000;

export class PageTurn {
  /** `run(command)` carries out a command, now or when the page has arrived; `giveUp()` says that none came. */
  constructor(root, run, giveUp) {
    this.root = root;
    this.run = run;
    this.giveUp = giveUp;
    this.asked = null;
    this.held = [];
  }

  get isUnderWay() {
    return this.asked !== null;
  }

  /** Ask for `page` through `send({page, nonce})`; the data that answers carries the nonce back. */
  ask(page, send) {
    this.asked = Math.floor(Math.random() * 2 ** 40);
    this.askedAt = performance.now();
    this.dimTimer = setTimeout(() => this.root.classList.add("turning"), DIMMED_AFTER_MS);
    this.endTimer = setTimeout(() => this.fail(), GIVEN_UP_MS);
    send({ page, nonce: this.asked });
  }

  /** Whether somebody still waits for what was asked under that number. */
  isFor(nonce) {
    return this.asked === nonce;
  }

  guard(command) {
    if (!this.isUnderWay) this.run(command);
    else if (performance.now() - this.askedAt < HELD_MS) this.held.push(command);
  }

  /** Data has come; when it answers our question, carry out what was held. */
  arrived(nonce) {
    if (!this.isUnderWay || nonce !== this.asked) return;
    const held = this.held;
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
    this.asked = null;
    this.held = [];
  }
}
