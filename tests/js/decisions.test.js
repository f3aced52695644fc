import assert from "node:assert/strict";
import { test } from "node:test";
import { Decisions } from "../../curate/ui/components/grid/script/decisions.js";
import { Labels } from "../../curate/ui/components/grid/script/labels.js";

/** Decisions on these items; `decided`: the groups and names that the ledger gets, `messages`: what is said. */
function makeDecisions(items) {
  const decided = [];
  const messages = [];
  const labels = new Labels([{ id: 1, name: "glass", colour: "#000", key: "1" }, { id: 2, name: "metal", colour: "#111", key: "2" }]);
  const ledger = {
    decide: (groups, _run, name) => decided.push([name, groups.map(({ ids, action, label }) => [action, label, ids])]),
    steps: { undoable: undefined, redoable: undefined, find: () => undefined },
  };
  const sheet = { data: { run_id: 3, page: 1, view_key: "v" }, items, labels, ledger, likely: { remember() {} } };
  const screen = { targetItems: () => items, targets: () => items.map((_, i) => i), showDecisions() {} };
  const toolbar = { notify: (text) => messages.push(text), announce() {} };
  return { decided, messages, decisions: new Decisions(sheet, screen, toolbar, { advance() {} }) };
}

test("relabelling to the label that a picture has says that the label is right", () => {
  const { decided, decisions } = makeDecisions([{ image_id: 7, label: 1 }, { image_id: 8, label: 2 }]);
  decisions.relabel(2);
  assert.deepEqual(decided, [["Relabel 2 to metal", [["relabel", 2, [7]], ["keep", null, [8]]]]]);
});

test("accepting does what is suggested, and leaves what has no suggestion", () => {
  const { decided, messages, decisions } = makeDecisions([
    { image_id: 1, file_name: "a", label: 1, suggestion: { action: "relabel", label: 2, p: 0.9 } },
    { image_id: 2, file_name: "b", label: 2, suggestion: { action: "relabel", label: 2, p: 0.9 } }, // has it by now
    { image_id: 3, file_name: "c", label: 1, suggestion: { action: "delete", label: null, p: null } },
    { image_id: 4, file_name: "d", label: 1, suggestion: null },
  ]);
  decisions.accept();
  assert.deepEqual(decided, [["Accept 3 suggestions", [["relabel", 2, [1]], ["keep", null, [2]], ["delete", null, [3]]]]]);
  assert.deepEqual(messages, ["Nothing is suggested for 1 picture: left as they are."]);
});

test("with nothing to undo it says so", () => {
  const { messages, decisions } = makeDecisions([]);
  decisions.turn(true);
  decisions.turn(false);
  assert.deepEqual(messages, ["Nothing to undo.", "Nothing to redo."]);
});

test("where labels are hidden, keep and accept do nothing and say what to press", () => {
  const { decided, messages, decisions } = makeDecisions([{ image_id: 7, label: 0, file_name: "Picture 1" }]);
  decisions.sheet.data.is_blind = true;
  decisions.decide("keep");
  decisions.accept();
  assert.equal(decided.length, 0);
  assert.deepEqual(messages, Array(2).fill("The label is hidden: press the key of the right one, or / for any."));
  decisions.relabel(2);
  assert.deepEqual(decided, [["Relabel Picture 1 to metal", [["relabel", 2, [7]]]]]);
});
