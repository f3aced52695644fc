/** What the server knows of single pictures, fetched once, kept for a while, and fetched ahead for the next ones. */

const MOST_KEPT = 200;
const STALE_MS = 4000; // a story may have gone on since
const UNREACHABLE = "The server cannot be reached at the moment; it is asked again when you come back to this picture.";

export class Closeups {
  constructor() {
    this.kept = new Map(); // address -> {at, answer: a promise}
  }

  /** From now on of this project and run; `data` is the grid's. */
  connect(data) {
    this.base = data.post_url.replace(/decisions$/, "images/");
    this.run = data.run_id;
    this.token = data.token;
  }

  /** {value} as JSON, or {error: sentence}. Facts, origin, story, probabilities; asked anew for another `mark`. */
  about(id, mark = null) {
    return this.find(`${id}/closeup?run=${this.run ?? ""}`, asJson, STALE_MS, mark);
  }

  /** {value} as JSON, or {error}: the nearest pictures of both labels. */
  near(id) {
    return this.find(`${id}/near?run=${this.run ?? ""}`, asJson);
  }

  /** {value: an address for an image element}, or {error}. */
  heat(id, label) {
    return this.find(`${id}/heat?run=${this.run ?? ""}&label=${label}`, asPicture);
  }

  find(place, read, staleMs = Infinity, mark = null) {
    const address = this.base + place;
    const known = this.kept.get(address);
    const isSame = known && (mark === null || known.mark === null || known.mark === mark);
    if (isSame && Date.now() - known.at < staleMs) {
      known.mark ??= mark;
      return known.answer;
    }
    const entry = { at: Date.now(), mark, answer: this.fetch(address, read) };
    this.kept.delete(address);
    this.kept.set(address, entry);
    entry.answer.then((answer) => {
      entry.answer.done = answer;
      if (answer.error && this.kept.get(address) === entry) this.kept.delete(address); // asked again next time
    });
    if (known?.answer.done) entry.answer.before = known.answer.done;
    this.forgetOldest();
    return entry.answer;
  }

  async fetch(address, read) {
    try {
      const response = await fetch(address, { headers: { "X-Curate-Token": this.token } });
      if (response.ok) return { value: await read(response) };
      const said = await response.json().catch(() => ({}));
      return { error: [said.error, said.hint].filter(Boolean).join(" ") || UNREACHABLE };
    } catch {
      return { error: UNREACHABLE };
    }
  }

  forgetOldest() {
    for (const [address, { answer }] of this.kept) {
      if (this.kept.size <= MOST_KEPT) return;
      this.kept.delete(address);
      answer.then(({ value }) => typeof value === "string" && URL.revokeObjectURL(value));
    }
  }
}

function asJson(response) {
  return response.json();
}

async function asPicture(response) {
  return URL.createObjectURL(await response.blob());
}
