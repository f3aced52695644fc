/** The map's points as the server sends them: typed arrays, no object per picture. */
/** @import { Colouring, Grouping, MapData } from "./types.js" */

const GONE = 65535;
const NO_DOUBT = 255;
const FINEST = 65535;
const HIDDEN = 255;
export const DECISIONS = ["undecided", "keep", "delete", "relabel"];
const DOUBT_STEPS = 10;

/** @typedef {Pick<MapData, "labels" | "n_colours" | "other_colour" | "decision_colours">} Look */
/** @typedef {{names: [name: string, colour: string][], groupOf: (i: number) => number}} Scheme */

export class Points {
  /** @param {ArrayBuffer} bytes */
  constructor(bytes) {
    this.n = bytes.byteLength / 8;
    this.ids = new Uint32Array(bytes, 0, this.n);
    this.x = Float32Array.from(new Uint16Array(bytes, 4 * this.n, this.n), (x) => x / FINEST);
    this.y = Float32Array.from(new Uint16Array(bytes, 6 * this.n, this.n), (y) => 1 - y / FINEST);
    this.isChosen = new Uint8Array(this.n);
    this.labels = new Uint16Array(this.n);
    this.decisions = new Uint8Array(this.n);
    this.doubts = new Uint8Array(this.n).fill(NO_DOUBT);
  }

  /**
   * Sets labels, decisions and doubts as they are now.
   * @param {ArrayBuffer} bytes
   */
  setShades(bytes) {
    this.labels = new Uint16Array(bytes, 0, this.n);
    this.decisions = new Uint8Array(bytes, 2 * this.n, this.n);
    this.doubts = new Uint8Array(bytes, 3 * this.n, this.n);
  }

  get hasDoubts() {
    return this.doubts.some((doubt) => doubt !== NO_DOUBT);
  }

  /**
   * Returns the doubt about a point's label in [0, 1]; null = not known.
   * @param {number} i
   */
  doubtOf(i) {
    return this.doubts[i] === NO_DOUBT ? null : this.doubts[i] / 254;
  }

  /**
   * Groups the points by a colouring; those in the bin are hidden. The many undecided are drawn first, so that they do
   * not hide the few decided. More labels than there are colours share the last group.
   * @param {Colouring} colouring
   * @param {Look} look
   * @returns {Grouping}
   */
  groupBy(colouring, look) {
    const { names, groupOf } = { label: byLabel, doubt: byDoubt, decision: byDecision }[colouring](this, look);
    const group = new Uint8Array(this.n);
    const groups = names.map(([name, colour]) => ({ name, colour, n: 0 }));
    for (let i = 0; i < this.n; i += 1) {
      group[i] = this.labels[i] === GONE ? HIDDEN : groupOf(i);
      if (group[i] !== HIDDEN) groups[group[i]].n += 1;
    }
    return { group, groups, order: colouring === "label" ? null : ordered(group, groups) };
  }

  get nChosen() {
    return this.isChosen.reduce((sum, isChosen) => sum + isChosen, 0);
  }

  chosenIds() {
    return this.ids.filter((_, i) => this.isChosen[i]);
  }
}

/**
 * Returns the points by their group, the last group on top.
 * @param {Uint8Array} group
 * @param {{n: number}[]} groups
 */
function ordered(group, groups) {
  /** @type {number[]} */
  const starts = [];
  const total = groups.reduce((start, { n }, i) => (starts[i] = start) + n, 0);
  const order = new Uint32Array(total);
  for (let i = 0; i < group.length; i += 1) {
    if (group[i] === HIDDEN) continue;
    order[starts[group[i]]] = i;
    starts[group[i]] += 1;
  }
  return order;
}

/**
 * @param {Points} points
 * @param {Look} look
 * @returns {Scheme}
 */
function byLabel(points, { labels, n_colours: most, other_colour: grey }) {
  /** @type {Scheme["names"]} */
  const names = labels.slice(0, most).map(({ name, colour }) => [name, colour]);
  if (labels.length > most) names.push([`${labels.length - most} other labels`, grey]);
  return { names, groupOf: (i) => Math.min(points.labels[i], most) };
}

/**
 * Ten steps from grey over amber to dark red, which also get darker: everybody can tell them apart.
 * @param {Points} points
 * @param {Look} look
 * @returns {Scheme}
 */
function byDoubt(points, { other_colour: grey }) {
  /** @type {Scheme["names"]} */
  const names = [["no doubt known", grey]];
  for (let step = 0; step < DOUBT_STEPS; step += 1) {
    names.push([`doubt ${(step / 10).toFixed(1)} to ${((step + 1) / 10).toFixed(1)}`, mixed(step / (DOUBT_STEPS - 1))]);
  }
  const stepOf = (/** @type {number} */ doubt) => 1 + Math.min(DOUBT_STEPS - 1, Math.floor((doubt / 254) * DOUBT_STEPS));
  return { names, groupOf: (i) => (points.doubts[i] === NO_DOUBT ? 0 : stepOf(points.doubts[i])) };
}

const RAMP = [[128, 140, 160], [222, 160, 50], [200, 30, 20]];

/**
 * Returns a colour of the ramp; share: 0 = its beginning, 1 = its end.
 * @param {number} share
 */
function mixed(share) {
  const at = share * (RAMP.length - 1);
  const from = Math.min(RAMP.length - 2, Math.floor(at));
  const channel = (/** @type {number} */ i) => Math.round(RAMP[from][i] + (RAMP[from + 1][i] - RAMP[from][i]) * (at - from));
  return `#${[0, 1, 2].map((i) => channel(i).toString(16).padStart(2, "0")).join("")}`;
}

/**
 * @param {Points} points
 * @param {Look} look
 * @returns {Scheme}
 */
function byDecision(points, { decision_colours: colours, other_colour: grey }) {
  return { names: DECISIONS.map((name) => [name, colours[name] ?? grey]), groupOf: (i) => points.decisions[i] };
}
