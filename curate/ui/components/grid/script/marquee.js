/** A rectangle drawn with the mouse: it selects every card that it touches; with Ctrl or Shift it adds to the selection. */
/** @import { CardTable } from "./cards.js" */
import { make } from "../../elements.js";

const STARTS_AFTER_PX = 6; // less is an unsteady click
const EDGE_PX = 48;
const SCROLL_PX = 14; // a frame, near the upper or lower edge

/**
 * @typedef {{x: number, y: number}} Place in px from the upper left corner of the cards' field
 * @typedef {{left: number, right: number, top: number, bottom: number}} Area
 */

/**
 * What the marquee works on. select: selects the cards at these positions besides those of `base`.
 * @typedef {object} Target
 * @property {HTMLElement} field
 * @property {Pick<CardTable, "cards">} table
 * @property {() => boolean} isBlocked
 * @property {() => Set<number>} selected
 * @property {(base: Set<number>, positions: number[]) => void} select
 */

export class Marquee {
  /** @param {Target} target */
  constructor(target) {
    this.target = target;
    this.field = target.field;
    /** @type {HTMLElement | null} */
    this.frame = null;
    /** @type {Place | null} */
    this.start = null;
    /** @type {Set<number>} */
    this.base = new Set();
    /** @type {PointerEvent | null} */
    this.last = null;
    this.request = 0; // the animation frame that will draw; 0 = none is requested
    this.field.addEventListener("pointerdown", (event) => this.press(event));
    this.field.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) this.field.addEventListener(name, () => this.end());
  }

  /**
   * Fingers scroll: they select by tapping.
   * @param {PointerEvent} event
   */
  press(event) {
    if (event.pointerType === "touch" || event.button !== 0 || this.target.isBlocked()) return;
    if (!this.target.table.cards.length) return;
    const adds = event.ctrlKey || event.metaKey || event.shiftKey;
    this.start = this.placeOf(event);
    this.base = adds ? new Set(this.target.selected()) : new Set();
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.start) return;
    this.last = event;
    if (!this.frame) {
      const here = this.placeOf(event);
      if (Math.hypot(here.x - this.start.x, here.y - this.start.y) < STARTS_AFTER_PX) return;
      this.frame = this.makeFrame(event);
    }
    this.request ||= requestAnimationFrame(() => this.draw());
  }

  /** @param {PointerEvent} event */
  makeFrame(event) {
    const frame = make("i", "marquee");
    frame.setAttribute("aria-hidden", "true");
    this.field.append(frame);
    this.field.setPointerCapture(event.pointerId);
    return frame;
  }

  draw() {
    this.request = 0;
    const { frame, last, start } = this;
    if (!frame || !last || !start) return;
    const here = this.placeOf(last);
    const [left, right] = [Math.min(here.x, start.x), Math.max(here.x, start.x)];
    const [top, bottom] = [Math.min(here.y, start.y), Math.max(here.y, start.y)];
    Object.assign(frame.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    this.target.select(this.base, this.touched({ left, right, top, bottom }));
    if (scrollAt(last)) this.request = requestAnimationFrame(() => this.draw());
  }

  /**
   * Returns the positions of the cards that an area touches.
   * @param {Area} area
   */
  touched(area) {
    const origin = this.field.getBoundingClientRect();
    return this.target.table.cards.flatMap((card, position) => {
      const box = card.element.getBoundingClientRect();
      const isApart =
        box.right - origin.left < area.left || box.left - origin.left > area.right ||
        box.bottom - origin.top < area.top || box.top - origin.top > area.bottom;
      return isApart ? [] : [position];
    });
  }

  end() {
    this.start = null;
    this.frame?.remove();
    this.frame = null;
    if (this.request) cancelAnimationFrame(this.request);
    this.request = 0;
  }

  /**
   * Relative to the cards' field, so that scrolling on the way does not matter.
   * @param {PointerEvent} event
   * @returns {Place}
   */
  placeOf(event) {
    const { left, top } = this.field.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}

/**
 * Near the edge of the window the page moves along; returns whether it did.
 * @param {PointerEvent} event
 */
function scrollAt({ clientY }) {
  const scroller = document.querySelector("section[data-testid='stMain']") ?? document.scrollingElement;
  if (!scroller) return false;
  const by = clientY > innerHeight - EDGE_PX ? SCROLL_PX : clientY < EDGE_PX * 2 ? -SCROLL_PX : 0;
  const before = scroller.scrollTop;
  scroller.scrollTop += by;
  return scroller.scrollTop !== before;
}
