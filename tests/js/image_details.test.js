import assert from "node:assert/strict";
import { test } from "node:test";
import { ImageDetails } from "../../curate/ui/components/grid/script/image_details.js";

test("pictures are asked for at the project's address, in a session too", async () => {
  const asked = [];
  globalThis.fetch = async (address) => {
    asked.push(address);
    return { ok: true, json: async () => ({}) };
  };
  for (const place of ["decisions", "sessions/3/decisions"]) {
    const details = new ImageDetails();
    details.connect({ post_url: `/base/api/projects/1/${place}`, run_id: 2, token: "t" });
    await details.near(7);
  }
  assert.deepEqual(asked, Array(2).fill("/base/api/projects/1/images/7/near?run=2"));
});
