/** The part of the unit square that is visible: moved and zoomed in screen pixels. */
/** @import { Points } from "./points.js" */
/** @import { Place, Size } from "./types.js" */

const MAX_ZOOM = 400;
const MARGIN_PX = 24; // left free around the whole map
const VISIBLE_PX = 60; // so much of the map always stays visible

export class View {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.fitted = 1;
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.fit();
  }

  /** Shows the whole square, in the middle. */
  fit() {
    const { clientWidth: width, clientHeight: height } = this.element;
    this.fitted = fittedSide(width, height);
    this.scale = this.fitted;
    this.x = (width - this.scale) / 2;
    this.y = (height - this.scale) / 2;
  }

  /**
   * Follows a new size of the element: what was in its middle stays there.
   * @param {Size} before
   */
  resize(before) {
    const { clientWidth: width, clientHeight: height } = this.element;
    const fitted = fittedSide(width, height);
    const ratio = fitted / this.fitted;
    this.x = width / 2 + (this.x - before.width / 2) * ratio;
    this.y = height / 2 + (this.y - before.height / 2) * ratio;
    this.scale *= ratio;
    this.fitted = fitted;
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  move(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.keepVisible();
  }

  /**
   * Enlarges by a factor about a place in px; without one about the middle of the element.
   * @param {number} factor
   * @param {Place} [at]
   */
  zoom(factor, at = { x: this.element.clientWidth / 2, y: this.element.clientHeight / 2 }) {
    const scale = Math.max(this.fitted * 0.5, Math.min(this.fitted * MAX_ZOOM, this.scale * factor));
    const ratio = scale / this.scale;
    this.x = at.x + (this.x - at.x) * ratio;
    this.y = at.y + (this.y - at.y) * ratio;
    this.scale = scale;
    this.keepVisible();
  }

  keepVisible() {
    const { clientWidth: width, clientHeight: height } = this.element;
    this.x = Math.max(VISIBLE_PX - this.scale, Math.min(width - VISIBLE_PX, this.x));
    this.y = Math.max(VISIBLE_PX - this.scale, Math.min(height - VISIBLE_PX, this.y));
  }

  /**
   * Returns the point nearest to a place, within `reach` px and passing `isEligible`; -1 without one.
   * @param {Points} points
   * @param {Place} at
   * @param {number} reach
   * @param {(i: number) => boolean} isEligible
   */
  nearest(points, at, reach, isEligible) {
    let [nearest, least] = [-1, reach * reach];
    const [x, y] = [(at.x - this.x) / this.scale, (at.y - this.y) / this.scale];
    for (let i = 0; i < points.n; i += 1) {
      const [dx, dy] = [points.x[i] - x, points.y[i] - y];
      const distance = (dx * dx + dy * dy) * this.scale * this.scale; // squared
      if (distance < least && isEligible(i)) [nearest, least] = [i, distance];
    }
    return nearest;
  }

  /**
   * Chooses the points inside a polygon given in px, and no others.
   * @param {Points} points
   * @param {Place[]} polygon
   * @param {(i: number) => boolean} isEligible
   */
  choose(points, polygon, isEligible) {
    const corners = polygon.map(({ x, y }) => ({ x: (x - this.x) / this.scale, y: (y - this.y) / this.scale }));
    const xs = corners.map((corner) => corner.x);
    const ys = corners.map((corner) => corner.y);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    for (let i = 0; i < points.n; i += 1) {
      const [x, y] = [points.x[i], points.y[i]];
      const isNear = x >= left && x <= right && y >= top && y <= bottom;
      points.isChosen[i] = Number(isNear && isEligible(i) && isInside(corners, x, y));
    }
  }
}

/**
 * @param {number} width
 * @param {number} height
 */
function fittedSide(width, height) {
  return Math.max(1, Math.min(width, height) - 2 * MARGIN_PX);
}

/**
 * Whether a ray from (x, y) to the right crosses the polygon's edges an odd number of times.
 * @param {Place[]} corners
 * @param {number} x
 * @param {number} y
 */
export function isInside(corners, x, y) {
  let isOdd = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i, i += 1) {
    const [a, b] = [corners[i], corners[j]];
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) isOdd = !isOdd;
  }
  return isOdd;
}
