/** A rectangle drawn with the mouse: it selects every card that it touches; with Ctrl or Shift it adds to the selection. */
import { make } from "../../elements.js";

const BEGINS_AFTER_PX = 6; // less is an unsteady click
const EDGE_PX = 48;
const SCROLL_PX = 14; // a frame, near the upper or lower edge

export class Marquee {
  constructor(grid) {
    this.grid = grid;
    this.field = grid.field;
    this.frame = null;
    this.field.addEventListener("pointerdown", (event) => this.press(event));
    this.field.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) this.field.addEventListener(name, () => this.end());
  }

  /** Fingers scroll: they select by tapping. */
  press(event) {
    if (event.pointerType === "touch" || event.button !== 0 || this.grid.turn.isUnderWay) return;
    if (!this.grid.cards.cards.length) return;
    const adds = event.ctrlKey || event.metaKey || event.shiftKey;
    this.start = this.placeOf(event);
    this.base = adds ? new Set(this.grid.selection.picked) : new Set();
  }

  move(event) {
    if (!this.start) return;
    this.last = event;
    const here = this.placeOf(event);
    if (!this.frame) {
      if (Math.hypot(here.x - this.start.x, here.y - this.start.y) < BEGINS_AFTER_PX) return;
      this.begin(event);
    }
    this.request ??= requestAnimationFrame(() => this.draw());
  }

  begin(event) {
    this.frame = make("i", "marquee");
    this.frame.setAttribute("aria-hidden", "true");
    this.field.append(this.frame);
    this.field.setPointerCapture(event.pointerId);
  }

  draw() {
    this.request = null;
    if (!this.frame) return;
    const here = this.placeOf(this.last);
    const [left, right] = [Math.min(here.x, this.start.x), Math.max(here.x, this.start.x)];
    const [top, bottom] = [Math.min(here.y, this.start.y), Math.max(here.y, this.start.y)];
    Object.assign(this.frame.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    this.pick({ left, right, top, bottom });
    if (this.scrolls()) this.request = requestAnimationFrame(() => this.draw());
  }

  pick(area) {
    const origin = this.field.getBoundingClientRect();
    const touched = this.grid.cards.cards.flatMap((card, position) => {
      const box = card.element.getBoundingClientRect();
      const isApart =
        box.right - origin.left < area.left || box.left - origin.left > area.right ||
        box.bottom - origin.top < area.top || box.top - origin.top > area.bottom;
      return isApart ? [] : [position];
    });
    this.grid.selection.pickThese(this.base, touched);
    this.grid.showSelection();
  }

  /** Near the edge of the window the page moves along; true when it did. */
  scrolls() {
    const scroller = document.querySelector("section[data-testid='stMain']") ?? document.scrollingElement;
    const by = this.last.clientY > innerHeight - EDGE_PX ? SCROLL_PX : this.last.clientY < EDGE_PX * 2 ? -SCROLL_PX : 0;
    const before = scroller.scrollTop;
    scroller.scrollTop += by;
    return scroller.scrollTop !== before;
  }

  end() {
    this.start = null;
    this.frame?.remove();
    this.frame = null;
    if (this.request) cancelAnimationFrame(this.request);
    this.request = null;
  }

  /** Relative to the cards' field, so that scrolling on the way does not matter. */
  placeOf(event) {
    const { left, top } = this.field.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}
