/**
 * A hundred thousand points on a plain canvas, pixel by pixel: no WebGL, which browsers on servers and virtual machines
 * lack, and no object per point. Drawing is a fill and a few writes per point; measured in benchmarks/map.py.
 */
/** @import { Points } from "./points.js" */
/** @import { Group, Grouping } from "./types.js" */
/** @import { View } from "./view.js" */

const FADED = 0.16; // how much of its colour is left to a point that is not shown

/**
 * @typedef {[number, number, number]} Channels red, green and blue, 0 to 255
 * @typedef {{dx: number[], dy: number[], reach: number}} Disc
 */

/** Draws onto a canvas, whose size follows its element. */
export class Painter {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = contextOf(canvas);
    this.ratio = 1;
    this.image = this.context.createImageData(1, 1);
    this.pixels = new Uint32Array(1);
    this.whole = new Uint32Array(0);
    this.faded = new Uint32Array(0);
    this.resize();
  }

  resize() {
    this.ratio = Math.min(2, devicePixelRatio || 1);
    const width = Math.max(1, Math.round(this.canvas.clientWidth * this.ratio));
    const height = Math.max(1, Math.round(this.canvas.clientHeight * this.ratio));
    if (width === this.image.width && height === this.image.height && width === this.canvas.width) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /**
   * Sets the groups' colours, whole and faded into the background.
   * @param {Group[]} groups
   * @param {string} background
   */
  setColours(groups, background) {
    const behind = channels(background);
    const fade = (/** @type {string} */ colour) =>
      channels(colour).map((value, i) => behind[i] + (value - behind[i]) * FADED);
    this.whole = Uint32Array.from(groups, ({ colour }) => packed(channels(colour)));
    this.faded = Uint32Array.from(groups, ({ colour }) => packed(fade(colour)));
  }

  /**
   * Draws all points in `view`; `only`: the group that is shown whole, null = all.
   * @param {Points} points
   * @param {Pick<View, "scale" | "x" | "y">} view
   * @param {Pick<Grouping, "group" | "order">} grouping
   * @param {number | null} only
   */
  draw(points, view, grouping, only) {
    this.pixels.fill(0);
    const covered = disc(this.radius(points.n, view.scale));
    const hasChoice = points.nChosen > 0;
    const { group } = grouping;
    const isFaded = (/** @type {number} */ i) => (only !== null && group[i] !== only) || (hasChoice && !points.isChosen[i]);
    if (only !== null || hasChoice) this.drawLayer(points, view, grouping, this.faded, covered, isFaded);
    this.drawLayer(points, view, grouping, this.whole, covered, (i) => !isFaded(i));
    this.context.putImageData(this.image, 0, 0);
  }

  /**
   * Returns a point's radius in the canvas's pixels: small where there are many, larger when zoomed in.
   * @param {number} n
   * @param {number} scale
   */
  radius(n, scale) {
    const usual = Math.max(0.8, Math.min(3.5, 220 / Math.sqrt(n)));
    const zoom = scale / Math.min(this.canvas.clientWidth, this.canvas.clientHeight);
    return Math.min(6, usual * Math.max(1, zoom ** 0.4)) * this.ratio;
  }

  /**
   * @param {Points} points
   * @param {Pick<View, "scale" | "x" | "y">} view
   * @param {Pick<Grouping, "group" | "order">} grouping
   * @param {Uint32Array} colours
   * @param {Disc} covered
   * @param {(i: number) => boolean} isDrawn
   */
  drawLayer(points, view, { group, order }, colours, covered, isDrawn) {
    const { width, height } = this.canvas;
    const { x, y, n } = points;
    const scale = view.scale * this.ratio;
    const left = view.x * this.ratio;
    const top = view.y * this.ratio;
    const { dx, dy, reach } = covered;
    const steps = Int32Array.from(dx, (step, k) => step + dy[k] * width);
    for (let place = 0; place < (order ? order.length : n); place += 1) {
      const i = order ? order[place] : place;
      const px = (left + x[i] * scale) | 0;
      const py = (top + y[i] * scale) | 0;
      if (px < reach || py < reach || px >= width - reach || py >= height - reach) continue;
      if (group[i] === 255 || !isDrawn(i)) continue;
      const at = py * width + px;
      const colour = colours[group[i]];
      for (let k = 0; k < steps.length; k += 1) this.pixels[at + steps[k]] = colour;
    }
  }
}

/** @type {Map<number, Disc>} */
const discs = new Map();

/**
 * Returns which pixels a point of that radius covers, as steps from its middle.
 * @param {number} radius
 */
function disc(radius) {
  const key = Math.round(radius * 4);
  const known = discs.get(key) ?? makeDisc(radius);
  discs.set(key, known);
  return known;
}

/**
 * @param {number} radius
 * @returns {Disc}
 */
function makeDisc(radius) {
  const reach = Math.ceil(radius);
  /** @type {Disc} */
  const made = { dx: [], dy: [], reach: reach + 1 };
  for (let y = -reach; y <= reach; y += 1) {
    for (let x = -reach; x <= reach; x += 1) {
      if (x * x + y * y > radius * radius + 0.3) continue;
      made.dx.push(x);
      made.dy.push(y);
    }
  }
  return made;
}

/** @param {HTMLCanvasElement} canvas */
function contextOf(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw on a canvas.");
  return context;
}

/**
 * Returns the channels of any colour that CSS knows.
 * @param {string} colour
 * @returns {Channels}
 */
function channels(colour) {
  const context = contextOf(document.createElement("canvas"));
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/** @param {number[]} channels */
function packed([red, green, blue]) {
  return ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
}
