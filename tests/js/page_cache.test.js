import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.Image = class {};
const { PageCache } = await import("../../curate/ui/components/grid/script/page_cache.js");
const { withAddresses } = await import("../../curate/ui/components/grid/script/items.js");

const LISTING = { view: { run_id: 1 }, size: 2 };
const SHOWN = { page: 1, items: [], after: "0", listing: LISTING, view_key: "v", version_id: 1, reviewer: "ann" };

/** Pages over a list of three pages; `fetched`: the numbers of those that were fetched, `reported`: what Python is told. */
function makeCache() {
  const fetched = [];
  const reported = [];
  const fetchPage = async ({ number }) => {
    fetched.push(Number(number));
    return { page: Number(number), items: [{ image_id: Number(number), sha: "aa" }], after: number < 3 ? number : null, version_id: 1 };
  };
  const data = { listing: LISTING, view_key: "v", version_id: 1, images_url: "/images" };
  const sheet = { data, outbox: { server: { fetchPage } }, ledger: { learnItems() {} } };
  return { fetched, reported, pages: new PageCache(sheet, { isFor: () => false }, (message) => reported.push(message)) };
}

test("the two pages after the one that is shown are fetched ahead, once", async () => {
  const { fetched, pages } = makeCache();
  pages.add(SHOWN);
  await pages.find(3);
  await new Promise((done) => setTimeout(done));
  assert.deepEqual(fetched, [2, 3]);
  assert.equal((await pages.find(2)).page, 2);
  assert.equal(pages.find(9), undefined);
});

test("a page that Python sends before it has heard of a turn is not shown; the answer to the turn is", () => {
  const { pages } = makeCache();
  pages.turned({ page: 2, items: [], after: null }, 77);
  assert.equal(pages.isAheadOf({ turned: null, view_key: "v", version_id: 1 }), true);
  assert.equal(pages.isAheadOf({ turned: 77, view_key: "v", version_id: 1 }), false);
  assert.equal(pages.takeUnreported().page, 2);
});

test("another list ends the wait for Python", () => {
  const { pages } = makeCache();
  pages.turned({ page: 2, items: [], after: null }, 77);
  assert.equal(pages.isAheadOf({ turned: null, view_key: "other", version_id: 1 }), false);
  pages.takeUnreported();
});

test("items get the addresses of their pictures", () => {
  const [item] = withAddresses([{ image_id: 1, sha: "ab" }], "/curate/images");
  assert.deepEqual([item.thumb, item.view], ["/curate/images/ab/thumb", "/curate/images/ab/view"]);
});
