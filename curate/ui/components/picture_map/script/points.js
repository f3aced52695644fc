/** The map's points as they come from the server: typed arrays, no object a picture. */

const GONE = 65535;
const NO_DOUBT = 255;
const FINEST = 65535;
export const DECISIONS = ["undecided", "keep", "delete", "relabel"];
const DOUBT_STEPS = 10;

export class Points {
  constructor(bytes) {
    this.n = bytes.byteLength / 8;
    this.ids = new Uint32Array(bytes, 0, this.n);
    this.x = Float32Array.from(new Uint16Array(bytes, 4 * this.n, this.n), (x) => x / FINEST);
    this.y = Float32Array.from(new Uint16Array(bytes, 6 * this.n, this.n), (y) => 1 - y / FINEST);
    this.isChosen = new Uint8Array(this.n);
  }

  /** What they are coloured by, as it is now. */
  shade(bytes) {
    this.labels = new Uint16Array(bytes, 0, this.n);
    this.decisions = new Uint8Array(bytes, 2 * this.n, this.n);
    this.doubts = new Uint8Array(bytes, 3 * this.n, this.n);
  }

  /**
   * The group of every point under a colouring, 255 for those in the bin; the groups as [{name, colour, n}]; and the
   * order in which points are drawn, so that the many undecided do not hide the few decided (null = any).
   * More labels than there are colours share the last group.
   */
  groups(colouring, look) {
    const [names, of] = { label: byLabel, doubt: byDoubt, decision: byDecision }[colouring](this, look);
    const group = new Uint8Array(this.n);
    const groups = names.map(([name, colour]) => ({ name, colour, n: 0 }));
    for (let i = 0; i < this.n; i += 1) {
      group[i] = this.labels[i] === GONE ? 255 : of(i);
      if (group[i] !== 255) groups[group[i]].n += 1;
    }
    return { group, groups, order: colouring === "label" ? null : ordered(group, groups) };
  }

  /** How many are chosen. */
  get nChosen() {
    return this.isChosen.reduce((sum, is) => sum + is, 0);
  }

  chosenIds() {
    return this.ids.filter((_, i) => this.isChosen[i]);
  }
}

/** Points by their group, the last group on top. */
function ordered(group, groups) {
  const starts = [];
  groups.reduce((start, { n }, i) => (starts[i] = start) + n, 0);
  const order = new Uint32Array(groups.reduce((sum, { n }) => sum + n, 0));
  for (let i = 0; i < group.length; i += 1) {
    if (group[i] === 255) continue;
    order[starts[group[i]]] = i;
    starts[group[i]] += 1;
  }
  return order;
}

function byLabel(points, { labels, n_colours: most, other_colour: grey }) {
  const named = labels.slice(0, most).map(({ name, colour }) => [name, colour]);
  if (labels.length > most) named.push([`${labels.length - most} other labels`, grey]);
  return [named, (i) => Math.min(points.labels[i], most)];
}

/** Ten steps from grey over amber to dark red, which get darker as well: told apart by everyone. */
function byDoubt(points, { other_colour: grey }) {
  const named = Array.from({ length: DOUBT_STEPS }, (_, step) => {
    const share = step / (DOUBT_STEPS - 1);
    return [`doubt ${step * 10} to ${step * 10 + 10} %`, mixed(share)];
  });
  const step = (doubt) => 1 + Math.min(DOUBT_STEPS - 1, Math.floor((doubt / 254) * DOUBT_STEPS));
  return [[["no doubt known", grey], ...named], (i) => (points.doubts[i] === NO_DOUBT ? 0 : step(points.doubts[i]))];
}

const RAMP = [[128, 140, 160], [222, 160, 50], [200, 30, 20]];

function mixed(share) {
  const at = share * (RAMP.length - 1);
  const from = Math.min(RAMP.length - 2, Math.floor(at));
  const channel = (i) => Math.round(RAMP[from][i] + (RAMP[from + 1][i] - RAMP[from][i]) * (at - from));
  return `#${[0, 1, 2].map((i) => channel(i).toString(16).padStart(2, "0")).join("")}`;
}

function byDecision(points, { decision_colours: colours, other_colour: grey }) {
  const named = DECISIONS.map((name) => [name, colours[name] ?? grey]);
  return [named, (i) => points.decisions[i]];
}
