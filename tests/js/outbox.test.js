import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

const stored = {};
globalThis.window = { addEventListener() {}, removeEventListener() {} };
globalThis.document = { addEventListener() {}, hidden: true };
globalThis.localStorage = new Proxy(stored, {
  get: (kept, name) =>
    ({
      getItem: (key) => kept[key] ?? null,
      setItem: (key, value) => (kept[key] = value),
      removeItem: (key) => delete kept[key],
    })[name],
});
const { outboxFor } = await import("../../curate/ui/components/grid/script/outbox.js");

const listener = { answered() {}, refused() {}, changed() {} };
let bodies = [];
let outbox;

beforeEach((context) => {
  bodies = [];
  outbox = outboxFor(`/api/projects/1/decisions?test=${context.name}`, "ann");
});
after(() => clearTimeout(outbox.timer));

/** The server answers in turn with these; the last one for all that follow. */
function answerWith(...answers) {
  globalThis.fetch = async (_url, { body }) => {
    bodies.push(JSON.parse(body));
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    const { status, json } = answer(bodies.at(-1));
    return { ok: status === 200, status, json: async () => json };
  };
}

const taken = ({ ops }) => ({ status: 200, json: { acked: ops.at(-1)?.seq ?? 0, changes: [], revision: 1, more: false } });
const settled = () => new Promise((done) => setTimeout(done, 20));

test("a decision is kept in the browser until the server has it, and sent again after a failure", async () => {
  answerWith(new TypeError("no network"), taken);
  outbox.connect(listener, "token", 0);
  outbox.add({ image_ids: [5], action: "keep", run_id: 1 });
  await settled();
  assert.equal(outbox.isOffline, true);
  assert.equal(Object.keys(stored).length, 1);
  await outbox.send();
  assert.equal(outbox.waiting, 0);
  assert.deepEqual(Object.keys(stored), []);
  assert.deepEqual(bodies.map(({ ops }) => ops.map(({ seq }) => seq)), [[1], [1]]);
  outbox.disconnect(listener);
});

test("a refusal in the server's own words drops the decision; a bare 404 does not", async () => {
  answerWith(() => ({ status: 404, json: null }), () => ({ status: 400, json: { error: "No such label." } }), taken);
  const refusals = [];
  const hearing = { ...listener, refused: (_op, words) => refusals.push(words) };
  outbox.connect(hearing, "token", 0);
  outbox.add({ image_ids: [6], action: "keep", run_id: 1 });
  await settled();
  assert.deepEqual([outbox.waiting, refusals], [1, []]);
  await outbox.send();
  assert.deepEqual([outbox.waiting, refusals], [0, ["No such label."]]);
  outbox.disconnect(hearing);
});

test("a mistake that repeating does not mend drops the decision with its sentence, and the next one is sent", async () => {
  const mistake = { error: "The server made a mistake; its log has the trace.", hint: "", repeat: false };
  answerWith(() => ({ status: 500, json: mistake }), taken);
  const refusals = [];
  const hearing = { ...listener, refused: (_op, words) => refusals.push(words) };
  outbox.connect(hearing, "token", 0);
  outbox.add({ image_ids: [7], action: "keep", run_id: 1 });
  await settled();
  assert.deepEqual([outbox.waiting, refusals, outbox.isOffline], [0, [mistake.error], false]);
  outbox.add({ image_ids: [8], action: "keep", run_id: 1 });
  await settled();
  assert.equal(outbox.waiting, 0);
  outbox.disconnect(hearing);
});

test("a full disk is said in the server's words, and the decision waits for slow retries", async () => {
  const full = { error: "The server's disk is full; what you decide is kept in this browser.", hint: "", repeat: true };
  answerWith(() => ({ status: 507, json: full }), taken);
  outbox.connect(listener, "token", 0);
  outbox.add({ image_ids: [9], action: "keep", run_id: 1 });
  await settled();
  assert.deepEqual([outbox.waiting, outbox.obstacle, outbox.delay()], [1, full.error, 8000]);
  await outbox.send();
  assert.deepEqual([outbox.waiting, outbox.obstacle], [0, ""]);
  outbox.disconnect(listener);
});
