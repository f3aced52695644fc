import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "../../curate/ui/components/grid/script/ledger.js";

/** What a ledger uses of an outbox; `sent` are the operations it was given. */
function makeLedger() {
  const outbox = { reviewer: "ann", newest: new Map(), sent: [], waiting: 0 };
  outbox.nextKey = () => `tab:${outbox.sent.length + 1}`;
  outbox.add = (op) => {
    outbox.sent.push(op);
    for (const id of op.image_ids) outbox.newest.set(id, op);
  };
  return { outbox, ledger: new Ledger(outbox) };
}

test("a decision that stands already is not sent again", () => {
  const { outbox, ledger } = makeLedger();
  ledger.learn(1, { decision: "keep", label: null, reviewer: "ann" }, 5);
  assert.deepEqual(ledger.decide([{ ids: [1, 2], action: "keep", label: null }], 3, "Keep 2"), [2]);
  assert.deepEqual(outbox.sent.map((op) => op.image_ids), [[2]]);
});

test("an older word does not replace a newer one", () => {
  const { ledger } = makeLedger();
  ledger.learn(1, { decision: "delete", label: null, reviewer: "bob" }, 9);
  ledger.learn(1, { decision: "keep", label: null, reviewer: "ann" }, 8);
  assert.equal(ledger.stateOf(1).decision, "delete");
});

test("an undo shows at once what stood before, also somebody else's decision", () => {
  const { ledger } = makeLedger();
  ledger.learn(1, { decision: "delete", label: null, reviewer: "bob" }, 9);
  ledger.decide([{ ids: [1, 2], action: "relabel", label: 4 }], 3, "Relabel 2");
  assert.deepEqual(ledger.turn(ledger.steps.undoable, true, 3), [1, 2]);
  assert.deepEqual(ledger.stateOf(1), { decision: "delete", label: null, reviewer: "bob", isWaiting: true });
  assert.equal(ledger.stateOf(2).decision, null);
});

test("pictures confirmed before do not count as newly reviewed, those that are asked again do", () => {
  const { ledger } = makeLedger();
  const items = [{ image_id: 1 }, { image_id: 2, checked: true }, { image_id: 3, checked: true, asks_again: true }];
  ledger.decide([{ ids: [1, 2, 3], action: "keep", label: null }], 3, "Keep 3");
  assert.equal(ledger.nChanged(items), 2);
});
