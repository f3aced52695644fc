import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Likely } from "../../curate/ui/components/grid/script/likely_labels.js";

beforeEach(() => {
  const stored = new Map();
  globalThis.localStorage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value) };
});

test("what is suggested comes before what was predicted, then what was used of late", () => {
  const likely = new Likely(1);
  likely.used(9);
  const item = { label: 1, suggestion: { action: "relabel", label: 2, p: 0.5 }, predicted: 3, p_predicted: 0.9 };
  assert.deepEqual(likely.of([item]), [2, 3, 9]);
});

test("the label that all have is not offered; what was used is known at the next visit", () => {
  new Likely(1).used(4);
  assert.deepEqual(new Likely(1).of([{ label: 3, predicted: 3 }]), [4]);
  assert.deepEqual(new Likely(2).of([{ label: 3, predicted: 3 }]), []);
});
