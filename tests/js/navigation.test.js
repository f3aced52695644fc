import assert from "node:assert/strict";
import { test } from "node:test";
import { Navigation } from "../../curate/ui/components/grid/script/navigation.js";
import { Selection } from "../../curate/ui/components/grid/script/selection.js";

/** Navigation on a page of three pictures; `calls`: what it requested and said. */
function makeNavigation({ page = 1, isOpen = false, advance = "next", cached = new Map() } = {}) {
  const calls = [];
  const selection = new Selection();
  selection.reset(3);
  const items = [1, 2, 3].map((image_id) => ({ image_id, file_name: `picture ${image_id}.png` }));
  const moveToItem = (matches) => {
    const position = items.findIndex(matches);
    if (position >= 0) selection.moveTo(position);
    return position >= 0;
  };
  const sheet = { data: { page, n_pages: 4 }, items, selection, nDecided: 5, ledger: { nChanged: () => 2 }, moveToItem };
  const screen = { enlarged: { isOpen }, table: { columns: 2 }, followSelection() {} };
  const navigation = new Navigation(sheet, screen, {
    turn: { start: (number, send) => send({ page: number, nonce: 7 }), isFor: () => true, finish() {} },
    pages: { find: (number) => cached.get(number), takeUnreported: () => null, turned: (shown) => calls.push(["told", shown.page]) },
    toolbar: { notify: (text) => calls.push(["notify", text]) },
    preferences: { advance },
    showPage: (data) => calls.push(["show", data.page, data.n_decided]),
    requestPage: (message) => calls.push(["request", message.page]),
    requestImage: ({ text }) => calls.push(["find", text]),
  });
  return { calls, navigation, selection };
}
const settled = () => new Promise((done) => setTimeout(done));

test("arrows stay on the page; one at a time they go on over its edge", async () => {
  const grid = makeNavigation();
  grid.navigation.move(-1);
  assert.deepEqual([grid.selection.cursor, grid.calls], [0, []]);
  const enlarged = makeNavigation({ page: 2, isOpen: true });
  enlarged.navigation.move(-1);
  await settled();
  assert.deepEqual([enlarged.calls, enlarged.navigation.startsAtEnd], [[["request", 1]], true]);
});

test("a page at hand is shown at once and Python told; any other is requested", async () => {
  const { calls, navigation } = makeNavigation({ cached: new Map([[2, { page: 2, items: [], after: null }]]) });
  navigation.turnPage(1);
  await settled();
  navigation.toPage(4);
  await settled();
  assert.deepEqual(calls, [["show", 2, 3], ["told", 2], ["request", 4]]);
});

test("after a decision on the last picture of a page the page turns only for those who want that", async () => {
  const staying = makeNavigation();
  staying.selection.moveTo(2);
  staying.navigation.advance(true);
  assert.deepEqual(staying.calls, [["notify", "End of the page. n turns to the next."]]);
  const turning = makeNavigation({ advance: "turn" });
  turning.selection.moveTo(2);
  turning.navigation.advance(true);
  await settled();
  assert.deepEqual(turning.calls, [["request", 2]]);
});

test("an image of this page gets the cursor; Python looks for any other", () => {
  const { calls, navigation, selection } = makeNavigation();
  navigation.toImage("#2");
  assert.equal(selection.cursor, 1);
  navigation.toImage("cat.png");
  assert.deepEqual(calls, [["find", "cat.png"]]);
});
