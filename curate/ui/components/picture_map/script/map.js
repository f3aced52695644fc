/** The map: what the server sends, what is shown of it, and what is chosen. */
import { Painter } from "./painter.js";
import { Hands } from "./input.js";
import { Points } from "./points.js";
import { View } from "./view.js";

const REACH_PX = 12;
const SHOWN = 12; // thumbnails of what is chosen
const FRESH_MS = 20000; // how old labels and decisions may be on the map
const count = new Intl.NumberFormat("en");

export class PictureMap {
  constructor(root) {
    this.root = root;
    const part = (name) => root.querySelector(name);
    Object.assign(this, {
      canvas: part("canvas"), path: part(".outline path"), card: part(".card"), state: part(".state"),
      chosen: part(".chosen"), legend: part(".legend"), field: part(".field"),
    });
    this.painter = new Painter(this.canvas);
    this.view = new View(this.canvas);
    this.cards = new Map();
    this.colouring = "label";
    this.only = null;
    this.takeTool("move");
    this.hands = new Hands(this);
    this.size = { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(this.canvas);
  }

  /** Streamlit's call: first when the component appears, then after every rerun and change of theme. */
  update(component) {
    const { data } = component;
    this.component = component;
    const isOther = this.data?.number !== data.number || this.data?.maps_url !== data.maps_url;
    const isOtherRun = this.data?.run_id !== data.run_id;
    this.data = data;
    if (isOther) this.load();
    else if (isOtherRun || Date.now() - this.shadedAt > FRESH_MS) this.shade();
    else this.paintAnew();
  }

  destroy() {
    this.watcher.disconnect();
    cancelAnimationFrame(this.frame);
  }

  // ---- from the server

  async load() {
    const { number } = this.data;
    this.points = null;
    this.say("Loading the map …");
    try {
      const [points, shades] = await Promise.all([this.bytes(`${number}/points`), this.bytes(this.shadesPlace())]);
      if (this.data.number !== number) return;
      this.points = new Points(points);
      this.takeShades(shades);
      this.say("");
    } catch (error) {
      this.say(error.message);
    }
  }

  async shade() {
    if (!this.points) return;
    try {
      this.takeShades(await this.bytes(this.shadesPlace()));
    } catch (error) {
      this.say(error.message);
    }
  }

  shadesPlace() {
    return `${this.data.number}/shades?run=${this.data.run_id ?? ""}`;
  }

  takeShades(bytes) {
    this.points.shade(bytes);
    this.shadedAt = Date.now();
    const hasDoubts = this.points.doubts.some((doubt) => doubt !== 255);
    const button = this.root.querySelector("[data-colour='doubt']");
    button.disabled = !hasDoubts;
    button.title = hasDoubts ? "" : "The chosen run knows no doubts.";
    this.colourBy(hasDoubts || this.colouring !== "doubt" ? this.colouring : "label");
  }

  async bytes(place, options = {}) {
    const response = await this.fetch(place, options);
    return response.arrayBuffer();
  }

  async fetch(place, options = {}) {
    const headers = { "X-Curate-Token": this.data.token };
    const response = await fetch(`${this.data.maps_url}/${place}`, { ...options, headers }).catch(() => null);
    if (!response) throw new Error("The server cannot be reached at the moment. Reload the page when it is back.");
    if (response.ok) return response;
    const said = await response.json().catch(() => ({}));
    throw new Error([said.error, said.hint].filter(Boolean).join(" ") || "The map could not be loaded.");
  }

  // ---- showing

  colourBy(colouring) {
    this.colouring = colouring;
    this.only = null;
    this.press("colour", colouring);
    this.paintAnew();
  }

  takeTool(tool) {
    this.tool = tool;
    this.field.dataset.tool = tool;
    this.press("tool", tool);
  }

  press(name, value) {
    for (const button of this.root.querySelectorAll(`[data-${name}]`)) {
      if (button.tagName === "BUTTON") button.setAttribute("aria-pressed", String(button.dataset[name] === value));
    }
  }

  showOnly(group) {
    this.only = this.only === group ? null : group;
    this.showLegend();
    this.ask();
  }

  /** Colours and groups again: another colouring, theme or state of the labels. */
  paintAnew() {
    if (!this.points) return;
    Object.assign(this, this.points.groups(this.colouring, this.data));
    const style = getComputedStyle(this.root);
    this.painter.take(this.groups, style.getPropertyValue("--st-background-color") || "#fff");
    this.showLegend();
    this.ask();
  }

  showLegend() {
    const shown = this.groups.map((group, i) => ({ ...group, i })).filter(({ n }) => n);
    const chips = shown.map(({ name, colour, n, i }) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.dataset.group = i;
      chip.setAttribute("aria-pressed", String(this.only === i));
      chip.style.setProperty("--dot", colour);
      chip.append(document.createElement("i"), make("span", name), make("small", count.format(n)));
      chip.title = `Show only these: ${name}`;
      return chip;
    });
    this.legend.replaceChildren(...chips);
  }

  /** Draw before the next frame, however often it is asked for. */
  ask() {
    if (this.frame || !this.points) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.painter.draw(this.points, this.view, this, this.only);
    });
  }

  whole() {
    this.view.whole();
    this.ask();
  }

  resize() {
    this.painter.resize();
    this.view.resize(this.size);
    this.size = { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
    this.ask();
  }

  say(words) {
    this.state.textContent = words;
    this.state.hidden = !words;
  }

  outline(path) {
    const at = path.map(({ x, y }) => `${x},${y}`);
    this.path.setAttribute("d", at.length > 1 ? `M${at.join("L")}Z` : "");
  }

  // ---- pointing and choosing

  isIn(i) {
    return this.group[i] !== 255 && (this.only === null || this.group[i] === this.only);
  }

  async point(at) {
    const i = at && this.points ? this.view.nearest(this.points, at, REACH_PX, (each) => this.isIn(each)) : -1;
    this.pointed = i;
    this.card.hidden = true;
    if (i < 0) return;
    const [known] = await this.known([this.points.ids[i]]);
    if (this.pointed === i && known) this.showCard(known, i, at);
  }

  /** What the server tells of these images, kept once told. */
  async known(ids) {
    const missing = ids.filter((id) => !this.cards.has(id));
    if (missing.length) {
      const response = await this.fetch(`cards?ids=${missing.join(",")}`).catch(() => null);
      for (const card of response ? await response.json() : []) this.cards.set(card.id, card);
    }
    return ids.map((id) => this.cards.get(id)).filter(Boolean);
  }

  showCard(known, i, at) {
    const [picture, name, words] = this.card.children;
    picture.src = `${this.data.images_url}/${known.sha}/thumb`;
    name.textContent = known.file_name;
    const doubt = this.points.doubts[i];
    const label = this.data.labels[this.points.labels[i]]?.name ?? "";
    words.textContent = doubt === 255 ? label : `${label} · doubt ${Math.round((doubt / 254) * 100)} %`;
    this.card.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.card;
    const x = at.x + width + 20 > this.size.width ? at.x - width - 14 : at.x + 14;
    const y = Math.max(6, Math.min(this.size.height - height - 6, at.y - height / 2));
    this.card.style.transform = `translate(${x}px, ${y}px)`;
  }

  /** Choose what lies in a polygon of screen pixels and is not faded; null = nothing. */
  choose(polygon) {
    if (!this.points) return;
    if (polygon) this.view.choose(this.points, polygon, (i) => this.isIn(i));
    else this.points.isChosen.fill(0);
    this.showChoice();
    this.ask();
  }

  sight() {
    const { width, height } = this.size;
    return [{ x: 0, y: 0 }, { x: width, y: 0 }, { x: width, y: height }, { x: 0, y: height }];
  }

  async showChoice() {
    const ids = this.points.chosenIds();
    this.chosen.hidden = !ids.length;
    if (!ids.length) return;
    this.chosen.querySelector(".words").textContent = `${count.format(ids.length)} ${ids.length === 1 ? "picture" : "pictures"} chosen`;
    const strip = this.chosen.querySelector(".strip");
    strip.replaceChildren();
    const step = Math.max(1, Math.floor(ids.length / SHOWN));
    const sample = Array.from(ids.filter((_, i) => i % step === 0).slice(0, SHOWN));
    const known = await this.known(sample);
    strip.replaceChildren(...known.map((card) => thumbnail(`${this.data.images_url}/${card.sha}/thumb`, card.file_name)));
  }

  /** Have the choice kept by the server, and the page go on with its number. */
  async review() {
    const ids = this.points.chosenIds();
    if (!ids.length) return;
    try {
      const response = await this.fetch("picked", { method: "POST", body: ids });
      const { picked } = await response.json();
      this.component.setTriggerValue("picked", picked);
    } catch (error) {
      this.say(error.message);
    }
  }
}

function thumbnail(address, name) {
  const picture = new Image();
  picture.src = address;
  picture.alt = name;
  picture.title = name;
  return picture;
}

function make(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
