/**
 * Decisions on their way to the server. Each is numbered, sent at once, kept until acknowledged, and sent again after
 * any failure; the server ignores what it has already. Between decisions a heartbeat fetches what others decided.
 */
/** @import { Answer, NewOp, Op, OutboxListener } from "./types.js" */
import { errorText, readRefusal } from "../../error_text.js";
import { ProjectServer } from "./project_server.js";
import { UnsentStore } from "./unsent_store.js";

const BEAT_MS = 3000;
const RETRY_MS = [0, 500, 1000, 2000, 4000, 8000];
const SLOW_RETRY_MS = 8000;
const ANSWER_MS = 20000;
const MAX_OPS = 100; // in one request
const RETRIED_STATUSES = new Set([408, 425, 429]);
const NO_SPACE = 507;
const NO_ACCESS = new Set([401, 403]);

/** @typedef {{error?: string, hint?: string, repeat?: boolean}} Refusal */

// An outbox outlives the grid that filled it: somebody may leave the page while the network is away.
/** @type {Map<string, Outbox>} */
const outboxes = new Map();

/**
 * Returns the one outbox of this browser tab for an address and a reviewer.
 * @param {string} url
 * @param {string} reviewer
 */
export function outboxFor(url, reviewer) {
  const key = JSON.stringify([url, reviewer]);
  const outbox = outboxes.get(key) ?? new Outbox(url, reviewer);
  outboxes.set(key, outbox);
  return outbox;
}

/** Returns a random name. crypto.randomUUID is missing on plain http, which is how teams run this in their own network. */
export function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  /**
   * @param {string} url
   * @param {string} reviewer
   */
  constructor(url, reviewer) {
    this.url = url;
    this.reviewer = reviewer;
    this.server = new ProjectServer(url);
    this.unsent = new UnsentStore(url, reviewer);
    this.client = randomName();
    this.seq = 0;
    this.ops = this.unsent.load();
    /** @type {Map<number, Op>} */
    this.newest = new Map(); // the newest waiting decision on each image
    this.since = 0; // the newest revision seen
    this.failures = 0; // in a row
    this.problem = ""; // why the server does not take decisions from this page
    this.obstacle = ""; // why the server cannot store anything now, in its own sentence
    this.limit = MAX_OPS;
    this.hasMore = false; // of what others decided
    /** @type {OutboxListener | null} */
    this.listener = null;
    this.isSending = false;
    this.timer = 0;
    this.indexNewest();
    window.addEventListener("online", () => this.retryNow());
    window.addEventListener("pagehide", () => this.sendLast());
    document.addEventListener("visibilitychange", () => document.hidden || this.retryNow());
    this.warnBeforeLeaving = (/** @type {Event} */ event) => event.preventDefault();
  }

  /**
   * Reports what comes back to `listener` from now on, and starts the heartbeat.
   * @param {OutboxListener} listener
   * @param {string} token
   * @param {number} revision
   */
  connect(listener, token, revision) {
    if (token !== this.server.token) this.problem = "";
    this.server.token = token;
    this.since = Math.max(this.since, revision);
    const isNew = this.listener !== listener;
    this.listener = listener;
    if (isNew) this.reportChange();
    if (isNew || this.ops.length) this.schedule();
  }

  /**
   * The grid is gone: there are no more heartbeats, but what waits is still sent.
   * @param {OutboxListener} listener
   */
  disconnect(listener) {
    if (this.listener === listener) this.listener = null;
  }

  /** How many decisions wait for the server. */
  get waiting() {
    return this.ops.length;
  }

  get isOffline() {
    return this.failures > 0;
  }

  /**
   * Numbers a decision, keeps it, and sends it.
   * @param {NewOp} decision
   */
  add(decision) {
    this.seq += 1;
    const op = { ...decision, client: this.client, seq: this.seq, at: Date.now() };
    this.ops.push(op);
    this.unsent.add(op);
    for (const id of op.image_ids) this.newest.set(id, op);
    this.reportChange();
    if (!this.isOffline && !this.problem) this.send();
  }

  /** Returns the key of a step that begins with the next decision. */
  nextKey() {
    return `${this.client}:${this.seq + 1}`;
  }

  /** Returns the reviewer's last steps, newest first; null when the server cannot be reached. */
  fetchSteps() {
    return this.server.fetchSteps();
  }

  async send() {
    if (this.isSending) return;
    this.isSending = true;
    clearTimeout(this.timer);
    const batch = this.nextBatch();
    try {
      await this.exchange(batch);
      this.obstacle = "";
    } catch (error) {
      if (!(error instanceof Unreachable)) console.error("curate: the answer could not be used", error);
      this.obstacle = error instanceof Unreachable ? error.message : "";
      this.failures += 1;
    } finally {
      this.isSending = false;
    }
    this.reportChange();
    this.schedule();
  }

  /** Returns the oldest waiting decisions that may share one request. */
  nextBatch() {
    const first = this.ops[0];
    const end = this.ops.findIndex((op) => op.client !== first.client || op.run_id !== first.run_id);
    return this.ops.slice(0, Math.min(end < 0 ? this.ops.length : end, this.limit));
  }

  /** @param {Op[]} batch */
  async exchange(batch) {
    const response = await this.post(batch, AbortSignal.timeout(ANSWER_MS));
    if (response.ok) return this.handleAnswer(batch, await response.json().catch(() => Promise.reject(new Unreachable())));
    /** @type {Refusal | null} */
    const refusal = await readRefusal(response);
    if (NO_ACCESS.has(response.status)) this.problem = errorText(refusal) || "Please reload the page.";
    // Only a refusal in our server's own words drops a decision: a proxy's 404 while the server restarts must not.
    else if (isFinal(response.status, refusal)) this.handleRefusal(batch, errorText(refusal));
    else throw new Unreachable(response.status === NO_SPACE ? errorText(refusal) : "");
    return undefined;
  }

  /**
   * @param {Op[]} batch
   * @param {AbortSignal | null} signal null = the tab is closing, nobody waits for the answer
   */
  async post(batch, signal) {
    const [first] = batch;
    const body = {
      client: first?.client ?? this.client,
      run_id: first?.run_id,
      since: this.since,
      ops: batch.map(asSent),
      at: this.listener?.at, // a review session shows the others where somebody is
    };
    const { headers } = this.server;
    try {
      return await fetch(this.url, { method: "POST", headers, body: JSON.stringify(body), signal, keepalive: !signal });
    } catch {
      throw new Unreachable();
    }
  }

  /**
   * @param {Op[]} batch
   * @param {Answer} answer
   */
  handleAnswer(batch, answer) {
    this.failures = 0;
    this.problem = "";
    this.hasMore = answer.more;
    const done = batch.filter((op) => op.seq <= answer.acked); // a large undo takes several requests
    this.forget(done);
    this.listener?.answered(done, answer, this.since);
    this.since = Math.max(this.since, answer.revision);
    if (done.length) window.dispatchEvent(new Event("curate:decided")); // for what counts them outside the grid
  }

  /**
   * One decision of the batch is wrong: they are sent singly until it shows, then it is dropped and reported.
   * @param {Op[]} batch
   * @param {string} sentence
   */
  handleRefusal(batch, sentence) {
    this.failures = 0;
    if (batch.length > 1) {
      this.limit = 1;
      return;
    }
    this.limit = MAX_OPS;
    this.forget(batch);
    if (batch.length) this.listener?.refused(batch[0], sentence);
    else this.problem = sentence;
  }

  /** @param {Op[]} done */
  forget(done) {
    const gone = new Set(done);
    this.ops = this.ops.filter((op) => !gone.has(op));
    for (const op of gone) this.unsent.remove(op);
    this.indexNewest();
  }

  indexNewest() {
    this.newest.clear();
    for (const op of this.ops) for (const id of op.image_ids) this.newest.set(id, op);
  }

  schedule() {
    clearTimeout(this.timer);
    const delay = this.delay();
    if (delay !== null) this.timer = setTimeout(() => this.send(), delay);
  }

  /** Returns the milliseconds until the next request; null = none is needed. */
  delay() {
    if (!this.listener && !this.waiting) return null;
    if (this.obstacle) return SLOW_RETRY_MS;
    if (this.isOffline) return RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    if (this.problem) return SLOW_RETRY_MS;
    if (this.waiting || this.hasMore) return 0;
    return this.listener && !document.hidden ? BEAT_MS : null;
  }

  retryNow() {
    if (this.server.token && (this.listener || this.waiting)) this.send();
  }

  /** The tab is closing: what waits is handed over without expecting an answer. It stays stored in any case. */
  sendLast() {
    if (this.waiting) this.post(this.nextBatch(), null).catch(() => {});
  }

  reportChange() {
    const change = this.waiting ? "addEventListener" : "removeEventListener";
    window[change]("beforeunload", this.warnBeforeLeaving);
    this.listener?.changed();
  }
}

/** Nothing was stored, and the same request may succeed later. Its message is the server's reason, or empty. */
class Unreachable extends Error {}

/** @param {Op} op */
function asSent({ seq, image_ids, action, label_id, step, step_name, shows }) {
  return shows ? { seq, action, step } : { seq, image_ids, action, label_id, step, step_name };
}

/**
 * Whether our server says that the same request will never succeed.
 * @param {number} status
 * @param {Refusal | null} refusal
 */
function isFinal(status, refusal) {
  if (!refusal?.error) return false;
  return refusal.repeat === false || (status >= 400 && status < 500 && !RETRIED_STATUSES.has(status));
}
