import assert from "node:assert/strict";
import { test } from "node:test";
import { Steps } from "../../curate/ui/components/grid/script/steps.js";

test("undo takes the newest that stands, redo the oldest undone after it", () => {
  const steps = new Steps();
  for (const key of ["a", "b", "c"]) steps.add({ key, name: key });
  steps.mark(steps.find("c"), true);
  steps.mark(steps.find("b"), true);
  assert.equal(steps.undoable.key, "a");
  assert.equal(steps.redoable.key, "b");
});

test("the server's list keeps what was turned after it was asked for", () => {
  const steps = new Steps();
  steps.add({ key: "b", name: "Keep b" });
  const since = steps.clock;
  steps.mark(steps.find("b"), true);
  steps.add({ key: "c", name: "Keep c" });
  steps.merge([{ key: "b", name: "Keep b", is_undone: false }, { key: "a", name: "Keep a", is_undone: false }], since);
  assert.deepEqual(steps.list.map(({ key, isUndone }) => [key, isUndone]), [["a", false], ["b", true], ["c", false]]);
});
