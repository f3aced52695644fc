/** What hands do on the map: drag, wheel, pinch, point, and keys. */

const STEP_PX = 60;
const LARGER = 1.35;
const HOVER_MS = 40;
const FEW_PX = 4; // a drag that went less far was a click

export class Hands {
  constructor(map) {
    this.map = map;
    this.pointers = new Map();
    const { canvas } = map;
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    canvas.addEventListener("pointerup", (event) => this.release(event, true));
    canvas.addEventListener("pointercancel", (event) => this.release(event, false));
    canvas.addEventListener("pointerleave", () => this.point(null));
    canvas.addEventListener("dblclick", (event) => this.zoom(2, place(event)));
    map.root.addEventListener("keydown", (event) => this.key(event));
    map.root.addEventListener("click", (event) => this.click(event.target.closest("button")));
  }

  zoom(factor, at) {
    this.map.view.zoom(factor, at);
    this.map.ask();
  }

  wheel(event) {
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0018)), place(event));
  }

  press(event) {
    if (event.button !== 0) return;
    this.map.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, place(event));
    this.point(null);
    if (this.pointers.size > 1) return this.stopLasso();
    const tool = event.shiftKey ? "lasso" : this.map.tool;
    this.path = tool === "move" ? null : [place(event)];
    this.isBox = tool === "box";
    this.map.root.classList.toggle("moving", !this.path);
    return undefined;
  }

  drag(event) {
    const at = place(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) return event.pointerType === "touch" ? undefined : this.point(at);
    const [one, other] = this.pointers.values();
    this.pointers.set(event.pointerId, at);
    if (other) return this.pinch(one, other);
    if (this.path) return this.lengthen(at);
    this.map.view.move(at.x - before.x, at.y - before.y);
    return this.map.ask();
  }

  pinch(one, other) {
    const [now, nowOther] = this.pointers.values();
    const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) || 1;
    const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    const [was, is] = [middle(one, other), middle(now, nowOther)];
    this.map.view.move(is.x - was.x, is.y - was.y);
    this.zoom(apart(now, nowOther) / apart(one, other), is);
  }

  lengthen(at) {
    if (this.isBox) {
      const [from] = this.path;
      this.path = [from, { x: at.x, y: from.y }, at, { x: from.x, y: at.y }];
    } else {
      this.path.push(at);
    }
    this.map.outline(this.path);
  }

  release(event, isDone) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.map.root.classList.remove("moving");
    const path = this.path;
    this.stopLasso();
    if (!path || !isDone) return;
    const far = Math.max(...path.map((at) => Math.hypot(at.x - path[0].x, at.y - path[0].y)));
    if (far < FEW_PX) this.map.choose(null);
    else this.map.choose(path);
  }

  stopLasso() {
    this.path = null;
    this.map.outline([]);
  }

  /** Show the picture under the pointer, once it rests for a moment. */
  point(at) {
    clearTimeout(this.timer);
    if (at) this.timer = setTimeout(() => this.map.point(at), HOVER_MS);
    else this.map.point(null);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { map } = this;
    const move = (x, y) => () => {
      map.view.move(x, y);
      map.ask();
    };
    const isOnButton = event.target.closest("button");
    const deeds = {
      "+": () => this.zoom(LARGER), "=": () => this.zoom(LARGER), "-": () => this.zoom(1 / LARGER), 0: () => map.whole(),
      m: () => map.takeTool("move"), l: () => map.takeTool("lasso"), b: () => map.takeTool("box"),
      a: () => map.choose(map.sight()), Escape: () => map.choose(null),
      ArrowLeft: move(STEP_PX, 0), ArrowRight: move(-STEP_PX, 0), ArrowUp: move(0, STEP_PX), ArrowDown: move(0, -STEP_PX),
    };
    if (!isOnButton && map.points?.nChosen) deeds.Enter = () => map.review();
    const deed = deeds[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!deed) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit's own keys
    deed();
  }

  click(button) {
    if (!button) return;
    const { colour, tool, zoom, choose, group } = button.dataset;
    if (colour) this.map.colourBy(colour);
    if (tool) this.map.takeTool(tool);
    if (zoom) ({ in: () => this.zoom(LARGER), out: () => this.zoom(1 / LARGER), fit: () => this.map.whole() })[zoom]();
    if (group) this.map.showOnly(Number(group));
    const choices = { sight: () => this.map.choose(this.map.sight()), none: () => this.map.choose(null) };
    if (choose === "review") this.map.review();
    else if (choose) choices[choose]();
  }
}

function place(event) {
  return { x: event.offsetX, y: event.offsetY };
}
