import assert from "node:assert/strict";
import { test } from "node:test";
import { Selection } from "../../curate/ui/components/grid/script/selection.js";

function onPageOf(count) {
  const selection = new Selection();
  selection.reset(count);
  return selection;
}

test("a range is selected from where it began, in both directions", () => {
  const selection = onPageOf(9);
  selection.moveTo(4);
  selection.moveTo(6, true);
  assert.deepEqual(selection.targets(), [4, 5, 6]);
  selection.moveTo(2, true);
  assert.deepEqual(selection.targets(), [2, 3, 4]);
});

test("without a selection the cursor is meant; on an empty page nothing is", () => {
  const selection = onPageOf(3);
  selection.moveTo(99);
  assert.deepEqual(selection.targets(), [2]);
  assert.deepEqual(onPageOf(0).targets(), []);
});

test("inverting selects what was not selected", () => {
  const selection = onPageOf(4);
  selection.toggle(1);
  selection.toggle(3);
  selection.invert();
  assert.deepEqual(selection.targets(), [0, 2]);
});
