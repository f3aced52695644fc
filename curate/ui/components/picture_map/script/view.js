/** Which part of the unit square is in sight: moved and zoomed in screen pixels. */

const MOST = 400;
const ROOM = 24; // px left free around the whole map

export class View {
  constructor(element) {
    this.element = element;
    this.whole();
  }

  /** All of it, in the middle. */
  whole() {
    const { clientWidth: width, clientHeight: height } = this.element;
    this.fitted = Math.max(1, Math.min(width, height) - 2 * ROOM);
    this.scale = this.fitted;
    this.x = (width - this.scale) / 2;
    this.y = (height - this.scale) / 2;
  }

  /** Another size of the element: what was in its middle stays there. */
  resize(before) {
    const { clientWidth: width, clientHeight: height } = this.element;
    const fitted = Math.max(1, Math.min(width, height) - 2 * ROOM);
    const ratio = fitted / this.fitted;
    this.x = width / 2 + (this.x - before.width / 2) * ratio;
    this.y = height / 2 + (this.y - before.height / 2) * ratio;
    this.scale *= ratio;
    this.fitted = fitted;
  }

  move(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.hold();
  }

  /** Larger by a factor about a point in px from the element's corner; without one about its middle. */
  zoom(factor, at = { x: this.element.clientWidth / 2, y: this.element.clientHeight / 2 }) {
    const scale = Math.max(this.fitted * 0.5, Math.min(this.fitted * MOST, this.scale * factor));
    const ratio = scale / this.scale;
    this.x = at.x + (this.x - at.x) * ratio;
    this.y = at.y + (this.y - at.y) * ratio;
    this.scale = scale;
    this.hold();
  }

  /** Some of the map is always in sight. */
  hold() {
    const { clientWidth: width, clientHeight: height } = this.element;
    this.x = Math.max(60 - this.scale, Math.min(width - 60, this.x));
    this.y = Math.max(60 - this.scale, Math.min(height - 60, this.y));
  }

  /** Number of the point nearest to a place in px, within `reach` px and passing `isIn`; -1 without one. */
  nearest(points, at, reach, isIn) {
    let [found, closest] = [-1, reach * reach];
    const [x, y] = [(at.x - this.x) / this.scale, (at.y - this.y) / this.scale];
    for (let i = 0; i < points.n; i += 1) {
      const [dx, dy] = [points.x[i] - x, points.y[i] - y];
      const apart = (dx * dx + dy * dy) * this.scale * this.scale;
      if (apart < closest && isIn(i)) [found, closest] = [i, apart];
    }
    return found;
  }

  /** Mark the points inside a polygon given in px. */
  choose(points, polygon, isIn) {
    const corners = polygon.map(({ x, y }) => ({ x: (x - this.x) / this.scale, y: (y - this.y) / this.scale }));
    const xs = corners.map((corner) => corner.x);
    const ys = corners.map((corner) => corner.y);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    for (let i = 0; i < points.n; i += 1) {
      const [x, y] = [points.x[i], points.y[i]];
      const isNear = x >= left && x <= right && y >= top && y <= bottom;
      points.isChosen[i] = Number(isNear && isIn(i) && isInside(corners, x, y));
    }
  }
}

/** Whether a ray from (x, y) to the right crosses the polygon's edges an odd number of times. */
function isInside(corners, x, y) {
  let is = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i, i += 1) {
    const [a, b] = [corners[i], corners[j]];
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) is = !is;
  }
  return is;
}
