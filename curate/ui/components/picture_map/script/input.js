/** Mouse, touch and keys on the map. */
/** @import { Colouring, Place, Tool } from "./types.js" */
/** @import { PictureMap } from "./map.js" */
import { closest } from "../../elements.js";

const STEP_PX = 60;
const ZOOM_STEP = 1.35;
const HOVER_MS = 40;
const CLICK_PX = 4; // a drag that went less far was a click
/** @type {Record<string, Tool>} */
const TOOL_KEYS = { m: "move", l: "lasso", b: "box" };
/** @type {Record<string, [dx: number, dy: number]>} */
const ARROWS = { ArrowLeft: [STEP_PX, 0], ArrowRight: [-STEP_PX, 0], ArrowUp: [0, STEP_PX], ArrowDown: [0, -STEP_PX] };

/**
 * What is done with the map.
 * @typedef {Pick<PictureMap, "root" | "canvas" | "view" | "tool" | "points" | "requestDraw" | "fit" | "setTool" |
 *   "colourBy" | "showOnly" | "drawOutline" | "point" | "choose" | "chooseVisible" | "review">} Target
 */

export class MapInput {
  /** @param {Target} map */
  constructor(map) {
    this.map = map;
    /** @type {Map<number, Place>} */
    this.pointers = new Map();
    /** @type {Place[] | null} */
    this.path = null; // drawn so far; null = the drag moves the map
    this.isBox = false;
    this.timer = 0;
    const { canvas } = map;
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    canvas.addEventListener("pointerup", (event) => this.release(event, true));
    canvas.addEventListener("pointercancel", (event) => this.release(event, false));
    canvas.addEventListener("pointerleave", () => this.point(null));
    canvas.addEventListener("dblclick", (event) => this.zoom(2, placeOf(event)));
    map.root.addEventListener("keydown", (event) => this.pressKey(event));
    map.root.addEventListener("click", (event) => this.click(event));
  }

  /**
   * @param {number} factor
   * @param {Place} [at]
   */
  zoom(factor, at) {
    this.map.view.zoom(factor, at);
    this.map.requestDraw();
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  move(dx, dy) {
    this.map.view.move(dx, dy);
    this.map.requestDraw();
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0018)), placeOf(event));
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (event.button !== 0) return;
    this.map.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, placeOf(event));
    this.point(null);
    if (this.pointers.size > 1) {
      this.endOutline();
      return;
    }
    const tool = event.shiftKey ? "lasso" : this.map.tool;
    this.path = tool === "move" ? null : [placeOf(event)];
    this.isBox = tool === "box";
    this.map.root.classList.toggle("moving", !this.path);
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const at = placeOf(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") this.point(at);
      return;
    }
    const [one, other] = this.pointers.values();
    this.pointers.set(event.pointerId, at);
    if (other) this.pinch(one, other);
    else if (this.path) this.extendOutline(this.path, at);
    else this.move(at.x - before.x, at.y - before.y);
  }

  /**
   * Zooms by how far two fingers went apart, about their middle; `one`, `other`: where they were.
   * @param {Place} one
   * @param {Place} other
   */
  pinch(one, other) {
    const [oneNow, otherNow] = this.pointers.values();
    const [before, now] = [middle(one, other), middle(oneNow, otherNow)];
    this.map.view.move(now.x - before.x, now.y - before.y);
    this.zoom(distance(oneNow, otherNow) / distance(one, other), now);
  }

  /**
   * @param {Place[]} path
   * @param {Place} at
   */
  extendOutline(path, at) {
    const [from] = path;
    if (this.isBox) path.splice(1, Infinity, { x: at.x, y: from.y }, at, { x: from.x, y: at.y });
    else path.push(at);
    this.map.drawOutline(path);
  }

  endOutline() {
    this.path = null;
    this.map.drawOutline([]);
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} isDone
   */
  release(event, isDone) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.map.root.classList.remove("moving");
    const { path } = this;
    this.endOutline();
    if (!path || !isDone) return;
    const length = Math.max(...path.map((at) => Math.hypot(at.x - path[0].x, at.y - path[0].y)));
    this.map.choose(length < CLICK_PX ? null : path);
  }

  /**
   * Shows the picture under the pointer once it rests for a moment.
   * @param {Place | null} at
   */
  point(at) {
    clearTimeout(this.timer);
    if (at) this.timer = setTimeout(() => this.map.point(at), HOVER_MS);
    else this.map.point(null);
  }

  /** @param {KeyboardEvent} event */
  pressKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = this.actionOf(event);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own
    action();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {(() => unknown) | null}
   */
  actionOf(event) {
    const { map } = this;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "+" || key === "=") return () => this.zoom(ZOOM_STEP);
    if (key === "-") return () => this.zoom(1 / ZOOM_STEP);
    if (key === "0") return () => map.fit();
    if (key === "a") return () => map.chooseVisible();
    if (key === "Escape") return () => map.choose(null);
    if (Object.hasOwn(TOOL_KEYS, key)) return () => map.setTool(TOOL_KEYS[key]);
    if (Object.hasOwn(ARROWS, key)) return () => this.move(...ARROWS[key]);
    const isReview = key === "Enter" && !closest(event, "button") && map.points?.nChosen;
    return isReview ? () => map.review() : null;
  }

  /** @param {MouseEvent} event */
  click(event) {
    const { map } = this;
    const { colour, tool, zoom, choose, group } = closest(event, "button")?.dataset ?? {};
    if (colour) map.colourBy(/** @type {Colouring} */ (colour));
    if (tool) map.setTool(/** @type {Tool} */ (tool));
    if (zoom === "fit") map.fit();
    else if (zoom) this.zoom(zoom === "in" ? ZOOM_STEP : 1 / ZOOM_STEP);
    if (group) map.showOnly(Number(group));
    if (choose === "review") map.review();
    if (choose === "sight") map.chooseVisible();
    if (choose === "none") map.choose(null);
  }
}

/**
 * @param {MouseEvent} event
 * @returns {Place}
 */
function placeOf(event) {
  return { x: event.offsetX, y: event.offsetY };
}

/**
 * @param {Place} a
 * @param {Place} b
 */
function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y) || 1;
}

/**
 * @param {Place} a
 * @param {Place} b
 * @returns {Place}
 */
function middle(a, b) {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
