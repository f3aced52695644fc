/** A picture that can be enlarged and moved on its stage: by wheel, keys, buttons, drag, pinch; a swipe steps on. */

const MOST = 16;
const STEP = 1.4;
const NEAR = 3; // what a double click goes to
const SWIPE_PX = 60;
const CLICK_PX = 4; // a press that moved less is a click

export class Zoom {
  /** `sheet` lies on `stage`; `changed(scale)` is told of every change, `swiped(step)` of a swipe by 1 or -1. */
  constructor(stage, sheet, changed, swiped) {
    Object.assign(this, { stage, sheet, changed, swiped });
    this.pointers = new Map();
    this.shape = { width: 1, height: 1 };
    this.reset();
    new ResizeObserver(() => this.fit()).observe(stage);
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("dblclick", (event) => this.doubleClick(event));
    stage.addEventListener("pointerdown", (event) => this.press(event));
    stage.addEventListener("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, (event) => this.release(event));
  }

  /** The whole picture again, in the middle. */
  reset() {
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.hasMoved = false;
    this.apply();
  }

  /** Take the shape (width, height in any unit) of another picture. */
  take(width, height) {
    if (!width || (width === this.shape.width && height === this.shape.height)) return;
    this.shape = { width, height };
    this.fit();
  }

  /** As large as the stage allows. */
  fit() {
    const style = getComputedStyle(this.stage);
    const width = this.stage.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const height = this.stage.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    const by = Math.max(0, Math.min(width / this.shape.width, height / this.shape.height));
    this.size = { width: this.shape.width * by, height: this.shape.height * by };
    this.sheet.style.width = `${this.size.width}px`;
    this.sheet.style.height = `${this.size.height}px`;
    this.apply();
  }

  /** Enlarge by a factor about a point of the window; without one, about the middle of what is seen. */
  by(factor, point = null) {
    const scale = Math.max(1, Math.min(MOST, this.scale * factor));
    const ratio = scale / this.scale;
    const from = point ? this.fromMiddle(point) : { x: 0, y: 0 };
    this.x = from.x + (this.x - from.x) * ratio;
    this.y = from.y + (this.y - from.y) * ratio;
    this.scale = scale;
    this.apply();
  }

  larger() {
    this.by(STEP);
  }

  smaller() {
    this.by(1 / STEP);
  }

  fromMiddle({ clientX, clientY }) {
    const box = this.stage.getBoundingClientRect();
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
  }

  /** No further than until the picture's edge reaches the stage's. */
  apply() {
    const { width, height } = this.size ?? { width: 0, height: 0 };
    const most = (side, room) => Math.max(0, (side * this.scale - room) / 2);
    const [mostX, mostY] = [most(width, this.stage.clientWidth), most(height, this.stage.clientHeight)];
    this.x = Math.max(-mostX, Math.min(mostX, this.x));
    this.y = Math.max(-mostY, Math.min(mostY, this.y));
    this.sheet.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.stage.classList.toggle("near", this.scale > 1);
    this.changed(this.scale);
  }

  wheel(event) {
    event.preventDefault();
    this.by(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), event);
  }

  doubleClick(event) {
    if (event.target.closest("button")) return;
    if (this.scale > 1) this.reset();
    else this.by(NEAR, event);
  }

  press(event) {
    if (event.target.closest("button") || event.button !== 0) return;
    if (!this.pointers.size) {
      this.hasMoved = false;
      this.began = { x: event.clientX, y: event.clientY, wasNear: this.scale > 1, isOne: true };
    } else {
      this.began.isOne = false;
    }
    this.pointers.set(event.pointerId, event);
    this.stage.setPointerCapture(event.pointerId);
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    if (Math.hypot(event.clientX - this.began.x, event.clientY - this.began.y) > CLICK_PX) this.hasMoved = true;
    const [one, other] = this.pointers.values();
    this.pointers.set(event.pointerId, event);
    if (other) this.pinch(one, other);
    else this.move(event.clientX - before.clientX, event.clientY - before.clientY);
  }

  move(x, y) {
    this.x += x;
    this.y += y;
    this.apply();
  }

  /** Two fingers: as much larger as they went apart, about their middle. `one`, `other`: where they were. */
  pinch(one, other) {
    const [now, nowOther] = this.pointers.values();
    const apart = (a, b) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1;
    const middle = (a, b) => ({ clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 });
    const [was, is] = [middle(one, other), middle(now, nowOther)];
    this.move(is.clientX - was.clientX, is.clientY - was.clientY);
    this.by(apart(now, nowOther) / apart(one, other), is);
  }

  release(event) {
    if (!this.pointers.delete(event.pointerId) || this.pointers.size) return;
    const [x, y] = [event.clientX - this.began.x, event.clientY - this.began.y];
    const isSwipe = event.type === "pointerup" && event.pointerType === "touch" && this.began.isOne && !this.began.wasNear;
    if (isSwipe && Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) this.swiped(x < 0 ? 1 : -1);
  }
}
