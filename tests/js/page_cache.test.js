import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.Image = class {};
const { Pages, addressed } = await import("../../curate/ui/components/grid/script/page_cache.js");

const LISTING = { view: { run_id: 1 }, size: 2 };

/** Pages over a list of three pages, and the numbers of those that were fetched. */
function makePages() {
  const fetched = [];
  const look = async (address) => {
    const number = Number(new URLSearchParams(address.slice("pages?".length)).get("number"));
    fetched.push(number);
    return { page: number, items: [{ image_id: number, sha: "aa" }], after: number < 3 ? `${number}` : null, version_id: 1 };
  };
  const data = { listing: LISTING, version_id: 1, images_url: "/images" };
  return { fetched, pages: new Pages({ data, outbox: { look }, ledger: { learnItems() {} } }) };
}

test("the two pages after the one that is shown are fetched ahead, once", async () => {
  const { fetched, pages } = makePages();
  pages.take({ page: 1, items: [], after: "0", listing: LISTING, view_key: "v", version_id: 1, reviewer: "ann" });
  await pages.find(3);
  await new Promise((done) => setTimeout(done));
  assert.deepEqual(fetched, [2, 3]);
  assert.equal((await pages.find(2)).page, 2);
  assert.equal(pages.find(9), undefined);
});

test("items get the addresses of their pictures", () => {
  const [item] = addressed([{ image_id: 1, sha: "ab" }], "/curate/images");
  assert.deepEqual([item.thumb, item.view], ["/curate/images/ab/thumb", "/curate/images/ab/view"]);
});
