/**
 * Decisions on their way to the server. Each is numbered, sent at once, kept until acknowledged, and sent again after
 * any failure; the server ignores what it has already. Between decisions a heartbeat asks what others decided.
 */
import { Shelf } from "./unsent_store.js";

const BEAT_MS = 3000;
const RETRY_MS = [0, 500, 1000, 2000, 4000, 8000];
const ANSWER_MS = 20000;
const MAX_OPS = 100; // in one request
const TRY_AGAIN = new Set([408, 425, 429]);
const NO_SPACE = 507;
const NO_ACCESS = new Set([401, 403]);

// An outbox outlives the grid that filled it: somebody may leave the page while the network is away.
const outboxes = new Map();

/** The one outbox of this browser tab for an address and a reviewer. */
export function outboxFor(url, reviewer) {
  const key = JSON.stringify([url, reviewer]);
  if (!outboxes.has(key)) outboxes.set(key, new Outbox(url, reviewer));
  return outboxes.get(key);
}

/** A random name. crypto.randomUUID is missing on plain http, which is how teams run this in their own network. */
export function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

class Outbox {
  constructor(url, reviewer) {
    this.url = url;
    this.reviewer = reviewer;
    this.shelf = new Shelf(url, reviewer);
    this.client = randomName();
    this.seq = 0;
    this.ops = this.shelf.load();
    this.newest = new Map(); // image id -> the newest waiting decision on it
    this.since = 0; // the newest revision seen
    this.failures = 0; // in a row
    this.problem = ""; // why the server does not take decisions from this page
    this.obstacle = ""; // why the server cannot store anything now, in its words
    this.limit = MAX_OPS;
    this.listener = null;
    this.isSending = false;
    this.indexNewest();
    window.addEventListener("online", () => this.retryNow());
    window.addEventListener("pagehide", () => this.sendLast());
    document.addEventListener("visibilitychange", () => document.hidden || this.retryNow());
    this.warnBeforeLeaving = (event) => event.preventDefault();
  }

  /** Tell `listener` ({answered, refused, changed}) what comes back from now on, and start the heartbeat. */
  connect(listener, token, revision) {
    if (token !== this.token) this.problem = "";
    this.token = token;
    this.since = Math.max(this.since, revision);
    const isNew = this.listener !== listener;
    this.listener = listener;
    if (isNew) this.changed();
    if (isNew || this.ops.length) this.schedule();
  }

  /** The grid is gone: no more heartbeats, but what waits is still sent. */
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

  /** Number a decision, keep it, and send it. */
  add(decision) {
    this.seq += 1;
    const op = { ...decision, client: this.client, seq: this.seq, at: Date.now() };
    this.ops.push(op);
    this.shelf.put(op);
    for (const id of op.image_ids) this.newest.set(id, op);
    this.changed();
    if (!this.isOffline && !this.problem) this.send();
  }

  /** Another address of the project's. */
  placeOf(name) {
    return this.url.replace(/(\/api\/projects\/\d+)\/.*$/, `$1/${name}`);
  }

  /** Store the labels' keys, {label id: key}, for everybody; "" or a sentence on why they could not be. */
  putKeys(keys) {
    return this.store("label-keys", "PUT", { keys });
  }

  /** Store words about pictures, {image_ids, kind, text, asked}; "" or a sentence on why they could not be. */
  comment(said) {
    return this.store("notes", "POST", said);
  }

  async store(name, method, said) {
    const headers = { "Content-Type": "application/json", "X-Curate-Token": this.token };
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      const response = await fetch(this.placeOf(name), { method, headers, body: JSON.stringify(said), signal });
      return response.ok ? "" : sentence(await response.json().catch(() => null)) || "That could not be saved.";
    } catch {
      return "Not saved: there is no connection. Try again.";
    }
  }

  /** Names of those who can be asked; none when the server cannot be reached. */
  async fetchPeople() {
    return (await this.look("people"))?.people ?? [];
  }

  /** The name of a step that begins with the next decision. */
  nextKey() {
    return `${this.client}:${this.seq + 1}`;
  }

  /** The reviewer's last steps as the server lists them, newest first; null when it cannot be asked now. */
  async fetchSteps() {
    return (await this.look("steps"))?.steps ?? null; // no network: the next answer asks again
  }

  /** What the server says at another address of the project's; null when it does not. */
  async look(name) {
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      const response = await fetch(this.placeOf(name), { headers: { "X-Curate-Token": this.token }, signal });
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
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
    this.changed();
    this.schedule();
  }

  /** The oldest waiting decisions that may share one request. */
  nextBatch() {
    const first = this.ops[0];
    const end = this.ops.findIndex((op) => op.client !== first.client || op.run_id !== first.run_id);
    return this.ops.slice(0, Math.min(end < 0 ? this.ops.length : end, this.limit));
  }

  async exchange(batch) {
    const response = await this.post(batch, AbortSignal.timeout(ANSWER_MS));
    const answer = await response.json().catch(() => null);
    if (response.ok && answer) this.taken(batch, answer);
    else if (NO_ACCESS.has(response.status)) this.problem = sentence(answer) || "Please reload the page.";
    // Only a refusal in our own words drops a decision: a proxy's 404 while the server restarts must not.
    else if (isFinal(response.status, answer)) this.refused(batch, sentence(answer));
    else throw new Unreachable(response.status === NO_SPACE ? sentence(answer) : "");
  }

  async post(batch, signal) {
    const ops = batch.map(asSent);
    const body = { client: batch[0]?.client ?? this.client, run_id: batch[0]?.run_id, since: this.since, ops };
    if (this.listener?.at) body.at = this.listener.at; // a review session shows the others where somebody is
    const headers = { "Content-Type": "application/json", "X-Curate-Token": this.token };
    try {
      return await fetch(this.url, { method: "POST", headers, body: JSON.stringify(body), signal, keepalive: !signal });
    } catch {
      throw new Unreachable();
    }
  }

  taken(batch, answer) {
    this.failures = 0;
    this.problem = "";
    this.hasMore = answer.more;
    const done = batch.filter((op) => op.seq <= answer.acked); // a large undo takes several requests
    this.forget(done);
    this.listener?.answered(done, answer, this.since);
    this.since = Math.max(this.since, answer.revision);
    if (done.length) window.dispatchEvent(new Event("curate:decided")); // what counts them stands outside the grid
  }

  /** One decision of the batch is wrong: send them singly until it shows, then drop it and say so. */
  refused(batch, words) {
    this.failures = 0;
    if (batch.length > 1) {
      this.limit = 1;
      return;
    }
    this.limit = MAX_OPS;
    this.forget(batch);
    if (batch.length) this.listener?.refused(batch[0], words);
    else this.problem = words;
  }

  forget(done) {
    const gone = new Set(done);
    this.ops = this.ops.filter((op) => !gone.has(op));
    for (const op of gone) this.shelf.remove(op);
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

  /** Milliseconds until the next request; null = none is needed. */
  delay() {
    if (!this.listener && !this.waiting) return null;
    if (this.obstacle) return RETRY_MS.at(-1);
    if (this.isOffline) return RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    if (this.problem) return RETRY_MS.at(-1);
    if (this.waiting || this.hasMore) return 0;
    return this.listener && !document.hidden ? BEAT_MS : null;
  }

  retryNow() {
    if (this.token && (this.listener || this.waiting)) this.send();
  }

  /** The tab is closing: hand over what waits without expecting an answer. It stays on the shelf in any case. */
  sendLast() {
    if (this.waiting) this.post(this.nextBatch(), null).catch(() => {});
  }

  changed() {
    const change = this.waiting ? "addEventListener" : "removeEventListener";
    window[change]("beforeunload", this.warnBeforeLeaving);
    this.listener?.changed();
  }
}

/** Nothing was stored, and the same request may succeed later. Its message is the server's reason, or empty. */
class Unreachable extends Error {}

function asSent({ seq, image_ids, action, label_id, step, step_name, shows }) {
  return shows ? { seq, action, step } : { seq, image_ids, action, label_id, step, step_name };
}

/** Whether our server says that the same request will never succeed. */
function isFinal(status, answer) {
  if (!answer?.error) return false;
  return answer.repeat === false || (status >= 400 && status < 500 && !TRY_AGAIN.has(status));
}

function sentence(answer) {
  return [answer?.error, answer?.hint].filter(Boolean).join(" ");
}
