/** Keeps the sheet in step with the server: what comes back for decisions, what others decide, the list of steps. */
/** @import { Decisions } from "./decisions.js" */
/** @import { Screen } from "./screen.js" */
/** @import { Sheet } from "./sheet.js" */
/** @import { Toolbar } from "./toolbar.js" */
/** @import { Answer, GridData, Op, OutboxListener } from "./types.js" */

/** @implements {OutboxListener} */
export class Connection {
  /**
   * @param {Sheet} sheet
   * @param {Screen} screen
   * @param {Pick<Toolbar, "notify" | "showSaving" | "showSteps">} toolbar
   * @param {Pick<Decisions, "showTurns">} decisions
   * @param {() => void} requestItems has Python send the page's items again
   */
  constructor(sheet, screen, toolbar, decisions, requestItems) {
    this.sheet = sheet;
    this.screen = screen;
    this.toolbar = toolbar;
    this.decisions = decisions;
    this.requestItems = requestItems;
    this.knowsSteps = false;
    this.version = 0; // the newest one seen; 0 = none yet
  }

  /**
   * Takes over whose decisions these are, and up to which revision Python's items are true.
   * @param {GridData} data
   */
  connect(data) {
    const { outbox: before } = this.sheet;
    if (this.sheet.setReviewer(data)) {
      before.disconnect(this);
      this.knowsSteps = false;
    }
    const { outbox } = this.sheet;
    const isBehind = data.revision > outbox.since; // decided by a button beside the grid, or by others
    outbox.connect(this, data.token, data.revision);
    if (isBehind) this.knowsSteps = false;
    if (!this.knowsSteps) this.loadSteps();
    this.version = Math.max(this.version, data.version_id ?? 0);
  }

  disconnect() {
    this.sheet.outbox.disconnect(this);
  }

  /** The picture that the person looks at, for heartbeats. */
  get at() {
    return this.sheet.current?.image_id;
  }

  /** Fetches the steps of earlier visits; it is done again after the network was away. */
  async loadSteps() {
    const { ledger } = this.sheet;
    this.knowsSteps = true;
    this.knowsSteps = await ledger.loadSteps();
    this.toolbar.showSteps(ledger.steps);
  }

  /**
   * @param {Op[]} done
   * @param {Answer} answer
   * @param {number} since
   */
  answered(done, answer, since) {
    this.noticeSteps(done, answer);
    const { data, items, ledger } = this.sheet;
    const ids = ledger.learnAnswer(done, answer, since);
    this.decisions.showTurns(answer.turns ?? []);
    this.noticeVersion(answer.version);
    if (!ids.size) return;
    this.screen.showDecisions(ids);
    const others = answer.changes.filter((change) => change.reviewer !== data.reviewer);
    this.screen.flash(new Set(others.map((change) => change.image_id)));
    // An undo may have brought pictures back into a view that was empty.
    if (!items.length && done.some((op) => op.shows)) this.requestItems();
  }

  /**
   * Decisions of this reviewer that this tab did not send are steps of another tab, or of a button beside the grid.
   * @param {Op[]} done
   * @param {Answer} answer
   */
  noticeSteps(done, answer) {
    const sent = new Set(done.flatMap((op) => op.image_ids));
    const { reviewer } = this.sheet.data;
    const isElsewhere = answer.changes.some((change) => change.reviewer === reviewer && !sent.has(change.image_id));
    if (answer.reload || isElsewhere) this.knowsSteps = false;
    if (!this.knowsSteps && !answer.more) this.loadSteps();
    if (answer.reload) this.requestItems();
  }

  /**
   * Somebody has applied: what the cards say of their labels belongs to the version before, so they are fetched anew.
   * @param {number | undefined} version
   */
  noticeVersion(version) {
    if (!version || version === this.version) return;
    const isNewer = this.version > 0 && version > this.version;
    this.version = version;
    if (isNewer) this.requestItems();
  }

  /**
   * @param {Op} op
   * @param {string} sentence
   */
  refused(op, sentence) {
    if (op.step) this.sheet.ledger.steps.remove(op.step);
    this.screen.showDecisions(new Set(op.image_ids));
    this.toolbar.notify(`Not saved, and put back as it was: ${sentence}`, true);
  }

  changed() {
    this.toolbar.showSaving(this.sheet.outbox);
  }
}
