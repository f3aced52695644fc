/** A picture that can be enlarged and moved on its stage: by wheel, keys, buttons, drag, pinch; a swipe steps on. */
import { closest } from "../../elements.js";

const MAX_ZOOM = 16;
const STEP = 1.4;
const DOUBLE_CLICK_ZOOM = 3;
const SWIPE_PX = 60;
const CLICK_PX = 4; // a press that moved less is a click

/**
 * @typedef {Pick<PointerEvent, "clientX" | "clientY">} WindowPlace
 * @typedef {{x: number, y: number, wasZoomed: boolean, isOne: boolean}} Press where a press began; isOne: with one finger
 */

export class Zoom {
  /**
   * @param {HTMLElement} stage
   * @param {HTMLElement} sheet lies on the stage and holds the picture
   * @param {(scale: number) => void} onChange
   * @param {(step: 1 | -1) => void} onSwipe
   */
  constructor(stage, sheet, onChange, onSwipe) {
    this.stage = stage;
    this.sheet = sheet;
    this.onChange = onChange;
    this.onSwipe = onSwipe;
    /** @type {Map<number, PointerEvent>} */
    this.pointers = new Map();
    /** @type {Press} */
    this.press = { x: 0, y: 0, wasZoomed: false, isOne: true };
    this.shape = { width: 1, height: 1 };
    this.size = { width: 0, height: 0 }; // in px, at scale 1
    this.scale = 1;
    this.x = 0; // of the picture's middle from the stage's, in px
    this.y = 0;
    this.hasMoved = false;
    this.reset();
    new ResizeObserver(() => this.fit()).observe(stage);
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("dblclick", (event) => this.doubleClick(event));
    stage.addEventListener("pointerdown", (event) => this.start(event));
    stage.addEventListener("pointermove", (event) => this.drag(event));
    stage.addEventListener("pointerup", (event) => this.release(event));
    stage.addEventListener("pointercancel", (event) => this.release(event));
  }

  /** Shows the whole picture again, in the middle. */
  reset() {
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.hasMoved = false;
    this.apply();
  }

  /**
   * Takes the shape of another picture, in any unit.
   * @param {number} width
   * @param {number} height
   */
  setShape(width, height) {
    if (!width || (width === this.shape.width && height === this.shape.height)) return;
    this.shape = { width, height };
    this.fit();
  }

  /** Makes the picture as large as the stage allows. */
  fit() {
    const style = getComputedStyle(this.stage);
    const width = this.stage.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const height = this.stage.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    const ratio = Math.max(0, Math.min(width / this.shape.width, height / this.shape.height));
    this.size = { width: this.shape.width * ratio, height: this.shape.height * ratio };
    this.sheet.style.width = `${this.size.width}px`;
    this.sheet.style.height = `${this.size.height}px`;
    this.apply();
  }

  /**
   * Enlarges by a factor about a place of the window; without one about the middle of what is visible.
   * @param {number} factor
   * @param {WindowPlace | null} [place]
   */
  zoomBy(factor, place = null) {
    const scale = Math.max(1, Math.min(MAX_ZOOM, this.scale * factor));
    const ratio = scale / this.scale;
    const from = place ? this.fromMiddle(place) : { x: 0, y: 0 };
    this.x = from.x + (this.x - from.x) * ratio;
    this.y = from.y + (this.y - from.y) * ratio;
    this.scale = scale;
    this.apply();
  }

  enlarge() {
    this.zoomBy(STEP);
  }

  shrink() {
    this.zoomBy(1 / STEP);
  }

  /** @param {WindowPlace} place */
  fromMiddle({ clientX, clientY }) {
    const box = this.stage.getBoundingClientRect();
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
  }

  /** Places the picture; it moves no further than until its edge reaches the stage's. */
  apply() {
    const most = (/** @type {number} */ side, /** @type {number} */ room) => Math.max(0, (side * this.scale - room) / 2);
    const mostX = most(this.size.width, this.stage.clientWidth);
    const mostY = most(this.size.height, this.stage.clientHeight);
    this.x = Math.max(-mostX, Math.min(mostX, this.x));
    this.y = Math.max(-mostY, Math.min(mostY, this.y));
    this.sheet.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.stage.classList.toggle("near", this.scale > 1);
    this.onChange(this.scale);
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), event);
  }

  /** @param {MouseEvent} event */
  doubleClick(event) {
    if (closest(event, "button")) return;
    if (this.scale > 1) this.reset();
    else this.zoomBy(DOUBLE_CLICK_ZOOM, event);
  }

  /** @param {PointerEvent} event */
  start(event) {
    if (closest(event, "button") || event.button !== 0) return;
    if (this.pointers.size) this.press.isOne = false;
    else {
      this.hasMoved = false;
      this.press = { x: event.clientX, y: event.clientY, wasZoomed: this.scale > 1, isOne: true };
    }
    this.pointers.set(event.pointerId, event);
    this.stage.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    if (Math.hypot(event.clientX - this.press.x, event.clientY - this.press.y) > CLICK_PX) this.hasMoved = true;
    const [one, other] = this.pointers.values();
    this.pointers.set(event.pointerId, event);
    if (other) this.pinch(one, other);
    else this.move(event.clientX - before.clientX, event.clientY - before.clientY);
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  move(x, y) {
    this.x += x;
    this.y += y;
    this.apply();
  }

  /**
   * Zooms by how far two fingers went apart, about their middle; `one`, `other`: where they were.
   * @param {WindowPlace} one
   * @param {WindowPlace} other
   */
  pinch(one, other) {
    const [oneNow, otherNow] = this.pointers.values();
    const [before, now] = [middle(one, other), middle(oneNow, otherNow)];
    this.move(now.clientX - before.clientX, now.clientY - before.clientY);
    this.zoomBy(distance(oneNow, otherNow) / distance(one, other), now);
  }

  /** @param {PointerEvent} event */
  release(event) {
    if (!this.pointers.delete(event.pointerId) || this.pointers.size) return;
    const { press } = this;
    const [x, y] = [event.clientX - press.x, event.clientY - press.y];
    const isSwipe = event.type === "pointerup" && event.pointerType === "touch" && press.isOne && !press.wasZoomed;
    if (isSwipe && Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) this.onSwipe(x < 0 ? 1 : -1);
  }
}

/**
 * @param {WindowPlace} a
 * @param {WindowPlace} b
 */
function distance(a, b) {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1;
}

/**
 * @param {WindowPlace} a
 * @param {WindowPlace} b
 * @returns {WindowPlace}
 */
function middle(a, b) {
  return { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 };
}
