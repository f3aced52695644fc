import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { LikelyLabels } from "../../curate/ui/components/grid/script/likely_labels.js";

beforeEach(() => {
  const stored = new Map();
  globalThis.localStorage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value) };
});

test("what is suggested comes before what was predicted, then what was used of late", () => {
  const likely = new LikelyLabels(1);
  likely.remember(9);
  const item = { label: 1, suggestion: { action: "relabel", label: 2, p: 0.5 }, predicted: 3, p_predicted: 0.9 };
  assert.deepEqual(likely.rank([item]), [2, 3, 9]);
});

test("the label that all have is not offered; what was used is known at the next visit", () => {
  new LikelyLabels(1).remember(4);
  assert.deepEqual(new LikelyLabels(1).rank([{ label: 3, predicted: 3 }]), [4]);
  assert.deepEqual(new LikelyLabels(2).rank([{ label: 3, predicted: 3 }]), []);
});
