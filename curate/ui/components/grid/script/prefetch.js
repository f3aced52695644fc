/** Pictures loaded ahead of time. They are held on to: the browser then shows them without a flicker. */

/** @type {Map<string, HTMLImageElement>} */
const prefetched = new Map();
const MOST_KEPT = 400;

/** @param {string[]} urls */
export function prefetch(urls) {
  for (const url of urls) {
    if (prefetched.has(url)) continue;
    const picture = new Image();
    picture.src = url;
    prefetched.set(url, picture);
  }
  const nTooMany = Math.max(0, prefetched.size - MOST_KEPT);
  for (const url of [...prefetched.keys()].slice(0, nTooMany)) prefetched.delete(url);
}
