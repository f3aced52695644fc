import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf, helpGroups, isFree } from "../../curate/ui/components/grid/script/keys.js";
import { Labels } from "../../curate/ui/components/grid/script/labels.js";

const labels = new Labels([{ id: 7, name: "glass", colour: "#000", key: "1" }]);
const press = (key, more = {}) => commandOf({ key, code: "", ...more }, labels);

test("keys are commands, with Shift they extend", () => {
  assert.deepEqual(press("k", { shiftKey: false }), { name: "keep", extend: false });
  assert.deepEqual(press("ArrowLeft", { shiftKey: true }), { name: "left", extend: true });
  assert.equal(press("k", { altKey: true }), null);
});

test("undo and redo need Control", () => {
  assert.equal(press("z", { ctrlKey: true }).name, "undo");
  assert.equal(press("Z", { ctrlKey: true, shiftKey: true }).name, "redo");
  assert.equal(press("y", { ctrlKey: true }).name, "redo");
  assert.equal(press("z"), null);
});

test("a label's key relabels, also on a French or a Greek keyboard", () => {
  assert.deepEqual(press("1"), { name: "label", label: 7 });
  assert.deepEqual(press("&", { code: "Digit1" }), { name: "label", label: 7 });
  assert.equal(press("κ", { code: "KeyK" }).name, "keep");
});

test("a key that means something is not free for a label", () => {
  assert.deepEqual(["k", "h", "ab", " ", "q"].map(isFree), [false, false, false, false, true]);
});

test("where labels are hidden the help has neither keep, accept, no label nor the heat map", () => {
  const texts = helpGroups(true).flatMap(({ rows }) => rows.map(({ text }) => text));
  assert.equal(texts.filter((text) => /^Keep|^Accept|^Heat|^Relabel/.test(text)).length, 0);
  assert.ok(texts.includes("Delete: it belongs under none of the labels"));
  assert.equal(helpGroups().flatMap(({ rows }) => rows).length, texts.length + 4);
});

test("the help names every group once", () => {
  const groups = helpGroups().map(({ group }) => group);
  assert.equal(new Set(groups).size, groups.length);
});
