/** The map: what the server sends, how it is coloured and drawn, and what is chosen on it. */
/** @import { Component } from "../../types/streamlit.js" */
/** @import { Colouring, Grouping, MapData, Place, Size, Tool } from "./types.js" */
import { make, makeButton, query, queryAll } from "../../elements.js";
import { messageOf } from "../../error_text.js";
import { ChosenStrip } from "./chosen_strip.js";
import { MapInput } from "./input.js";
import { MapServer } from "./map_server.js";
import { Painter } from "./painter.js";
import { PointedCard } from "./pointed_card.js";
import { Points } from "./points.js";
import { View } from "./view.js";

const REACH_PX = 12;
const FRESH_MS = 20000; // how old labels and decisions may be on the map
const count = new Intl.NumberFormat("en");

export class PictureMap {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.canvas = query(root, "canvas", HTMLCanvasElement);
    this.path = query(root, ".outline path", SVGPathElement);
    this.state = query(root, ".state", HTMLElement);
    this.legend = query(root, ".legend", HTMLElement);
    this.field = query(root, ".field", HTMLElement);
    this.card = new PointedCard(query(root, ".card", HTMLElement));
    this.chosen = new ChosenStrip(query(root, ".chosen", HTMLElement));
    this.painter = new Painter(this.canvas);
    this.view = new View(this.canvas);
    /** @type {MapData | null} */
    this.data = null;
    /** @type {MapServer | null} */
    this.server = null;
    /** @type {Points | null} */
    this.points = null;
    /** @type {Grouping} */
    this.grouping = { group: new Uint8Array(), groups: [], order: null };
    /** @type {Colouring} */
    this.colouring = "label";
    /** @type {number | null} */
    this.only = null; // the group that is shown whole
    this.pointed = -1;
    this.shadedAt = 0;
    this.frame = 0; // the animation frame that will draw; 0 = none is requested
    /** @type {(choice: number) => void} */
    this.reportChoice = () => {};
    /** @type {Tool} */
    this.tool = "move";
    this.setTool("move");
    this.input = new MapInput(this);
    this.size = this.measure();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.canvas);
  }

  /**
   * Streamlit's call: first when the component appears, then after every rerun and change of theme.
   * @param {Component<MapData>} component
   */
  update({ data, setTriggerValue }) {
    const before = this.data;
    this.data = data;
    this.reportChoice = (choice) => setTriggerValue("picked", choice);
    const isSameMap = before !== null && before.number === data.number && before.maps_url === data.maps_url;
    if (!isSameMap || !this.server) {
      this.server = new MapServer(data);
      this.load(data, this.server);
      return;
    }
    this.server.data = data;
    if (before.run_id !== data.run_id || Date.now() - this.shadedAt > FRESH_MS) this.loadShades(data, this.server);
    else this.updateColours();
  }

  destroy() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
  }

  // ---- from the server

  /**
   * @param {MapData} data
   * @param {MapServer} server
   */
  async load(data, server) {
    this.points = null;
    this.showState("Loading the map …");
    try {
      const [points, shades] = await Promise.all([server.fetchPoints(), server.fetchShades()]);
      if (this.server !== server) return; // another map by now
      this.points = new Points(points);
      this.setShades(this.points, shades);
      this.showState("");
    } catch (error) {
      this.showState(messageOf(error));
    }
  }

  /**
   * @param {MapData} data
   * @param {MapServer} server
   */
  async loadShades(data, server) {
    const { points } = this;
    if (!points) return;
    try {
      const shades = await server.fetchShades();
      if (this.points === points) this.setShades(points, shades);
    } catch (error) {
      this.showState(messageOf(error));
    }
  }

  /**
   * @param {Points} points
   * @param {ArrayBuffer} shades
   */
  setShades(points, shades) {
    points.setShades(shades);
    this.shadedAt = Date.now();
    const { hasDoubts } = points;
    const button = query(this.root, "[data-colour='doubt']", HTMLButtonElement);
    button.disabled = !hasDoubts;
    button.title = hasDoubts ? "" : "The chosen run knows no doubts.";
    this.colourBy(hasDoubts || this.colouring !== "doubt" ? this.colouring : "label");
  }

  // ---- showing

  /** @param {Colouring} colouring */
  colourBy(colouring) {
    this.colouring = colouring;
    this.only = null;
    this.showPressed("colour", colouring);
    this.updateColours();
  }

  /** @param {Tool} tool */
  setTool(tool) {
    this.tool = tool;
    this.field.dataset.tool = tool;
    this.showPressed("tool", tool);
  }

  /**
   * @param {"colour" | "tool"} name
   * @param {string} value
   */
  showPressed(name, value) {
    for (const button of queryAll(this.root, `[data-${name}]`, HTMLButtonElement)) {
      button.setAttribute("aria-pressed", String(button.dataset[name] === value));
    }
  }

  /** @param {number} group */
  showOnly(group) {
    this.only = this.only === group ? null : group;
    this.showLegend();
    this.requestDraw();
  }

  /** Works out colours and groups for the colouring, theme and labels as they are now. */
  updateColours() {
    if (!this.points || !this.data) return;
    this.grouping = this.points.groupBy(this.colouring, this.data);
    const style = getComputedStyle(this.root);
    this.painter.setColours(this.grouping.groups, style.getPropertyValue("--st-background-color") || "#fff");
    this.showLegend();
    this.requestDraw();
  }

  showLegend() {
    const chips = this.grouping.groups.map(({ name, colour, n }, i) => {
      const chip = makeButton();
      chip.dataset.group = String(i);
      chip.setAttribute("aria-pressed", String(this.only === i));
      chip.style.setProperty("--dot", colour);
      chip.append(make("i"), make("span", "", name), make("small", "", count.format(n)));
      chip.title = `Show only these: ${name}`;
      return chip;
    });
    this.legend.replaceChildren(...chips.filter((_, i) => this.grouping.groups[i].n > 0));
  }

  /** Draws before the next frame, however often it is called until then. */
  requestDraw() {
    if (this.frame || !this.points) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.points) this.painter.draw(this.points, this.view, this.grouping, this.only);
    });
  }

  fit() {
    this.view.fit();
    this.requestDraw();
  }

  resize() {
    this.painter.resize();
    this.view.resize(this.size);
    this.size = this.measure();
    this.requestDraw();
  }

  /** @returns {Size} */
  measure() {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  /** @param {string} text */
  showState(text) {
    this.state.textContent = text;
    this.state.hidden = !text;
  }

  /** @param {Place[]} path */
  drawOutline(path) {
    const corners = path.map(({ x, y }) => `${x},${y}`);
    this.path.setAttribute("d", corners.length > 1 ? `M${corners.join("L")}Z` : "");
  }

  // ---- pointing and choosing

  /** @param {number} i */
  isShown(i) {
    const { group } = this.grouping;
    return group[i] !== 255 && (this.only === null || group[i] === this.only);
  }

  /**
   * Shows the picture at a place; null = none.
   * @param {Place | null} at
   */
  async point(at) {
    const { data, points, server } = this;
    const i = at && points ? this.view.nearest(points, at, REACH_PX, (each) => this.isShown(each)) : -1;
    this.pointed = i;
    this.card.hide();
    if (i < 0 || !at || !points || !server || !data) return;
    const [card] = await server.fetchCards([points.ids[i]]);
    if (this.pointed !== i || !card) return;
    const label = data.labels[points.labels[i]] ?? { name: "", colour: data.other_colour };
    this.card.show(card, data.images_url, label, points.doubtOf(i));
    this.card.placeBeside(at, this.size);
  }

  /**
   * Chooses what lies in a polygon of screen pixels and is not faded; null = nothing.
   * @param {Place[] | null} polygon
   */
  choose(polygon) {
    const { data, points, server } = this;
    if (!points || !server || !data) return;
    if (polygon) this.view.choose(points, polygon, (i) => this.isShown(i));
    else points.isChosen.fill(0);
    this.chosen.show(points.chosenIds(), data.images_url, (ids) => server.fetchCards(ids));
    this.requestDraw();
  }

  chooseVisible() {
    const { width, height } = this.size;
    this.choose([{ x: 0, y: 0 }, { x: width, y: 0 }, { x: width, y: height }, { x: 0, y: height }]);
  }

  /** Stores the choice on the server and reports its number to the page. */
  async review() {
    const ids = this.points?.chosenIds();
    if (!ids?.length || !this.server) return;
    try {
      this.reportChoice(await this.server.storeChoice(ids));
    } catch (error) {
      this.showState(messageOf(error));
    }
  }
}
