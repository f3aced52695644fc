/**
 * A hundred thousand points on a plain canvas, pixel by pixel: no WebGL, which servers' and virtual machines' browsers
 * do not have, and no object a point. Drawing is a fill and a few writes a point: measured in benchmarks/map.py.
 */

const FADED = 0.16; // how much of its colour is left to a point that is not shown

/** Draws onto `canvas`, whose size follows its element. */
export class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.resize();
  }

  resize() {
    this.ratio = Math.min(2, devicePixelRatio || 1);
    const width = Math.max(1, Math.round(this.canvas.clientWidth * this.ratio));
    const height = Math.max(1, Math.round(this.canvas.clientHeight * this.ratio));
    if (this.image && width === this.canvas.width && height === this.canvas.height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /** Colours as the canvas keeps them, whole and faded into the ground. */
  take(groups, ground) {
    const behind = channels(ground);
    const mixed = (colour) => channels(colour).map((value, i) => behind[i] + (value - behind[i]) * FADED);
    this.whole = Uint32Array.from(groups, ({ colour }) => packed(channels(colour)));
    this.faded = Uint32Array.from(groups, ({ colour }) => packed(mixed(colour)));
  }

  /**
   * All points of `points` in `view` ({scale, x, y}: screen px of the unit square and of its corner); `group`: of each
   * point, 255 = not at all; `order`: of the points, the last on top; `only`: the group shown whole, null = all.
   */
  draw(points, view, { group, order }, only) {
    this.pixels.fill(0);
    const radius = this.radius(points.n, view.scale);
    const hasChoice = points.nChosen > 0;
    const isFaded = (i) => (only !== null && group[i] !== only) || (hasChoice && !points.isChosen[i]);
    if (only !== null || hasChoice) this.layer(points, view, { group, order }, this.faded, disc(radius), isFaded);
    this.layer(points, view, { group, order }, this.whole, disc(radius), (i) => !isFaded(i));
    this.context.putImageData(this.image, 0, 0);
  }

  /** Small where there are many, larger as one goes near. */
  radius(n, scale) {
    const usual = Math.max(0.8, Math.min(3.5, 220 / Math.sqrt(n)));
    const near = scale / Math.min(this.canvas.clientWidth, this.canvas.clientHeight);
    return Math.min(6, usual * Math.max(1, near ** 0.4)) * this.ratio;
  }

  layer(points, view, { group, order }, colours, offsets, isIn) {
    const { width, height } = this.canvas;
    const { x, y, n } = points;
    const scale = view.scale * this.ratio;
    const left = view.x * this.ratio;
    const top = view.y * this.ratio;
    const { dx, dy, reach } = offsets;
    const steps = Int32Array.from(dx, (step, k) => step + dy[k] * width);
    for (let place = 0; place < (order ? order.length : n); place += 1) {
      const i = order ? order[place] : place;
      const px = (left + x[i] * scale) | 0;
      const py = (top + y[i] * scale) | 0;
      if (px < reach || py < reach || px >= width - reach || py >= height - reach) continue;
      if (group[i] === 255 || !isIn(i)) continue;
      const at = py * width + px;
      const colour = colours[group[i]];
      for (let k = 0; k < steps.length; k += 1) this.pixels[at + steps[k]] = colour;
    }
  }
}

const discs = new Map();

/** Which pixels a point of that radius covers, as steps from its middle. */
function disc(radius) {
  const key = Math.round(radius * 4);
  if (!discs.has(key)) {
    const reach = Math.ceil(radius);
    const [dx, dy] = [[], []];
    for (let y = -reach; y <= reach; y += 1) {
      for (let x = -reach; x <= reach; x += 1) {
        if (x * x + y * y <= radius * radius + 0.3) {
          dx.push(x);
          dy.push(y);
        }
      }
    }
    discs.set(key, { dx, dy, reach: reach + 1 });
  }
  return discs.get(key);
}

/** [red, green, blue] of any colour that CSS knows. */
function channels(colour) {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

function packed([red, green, blue]) {
  return ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
}
