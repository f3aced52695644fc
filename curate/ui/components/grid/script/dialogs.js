/** The dialogs that ask for something: a label, a comment, a page or an image, the labels' keys; and the help. */
/** @import { Decisions } from "./decisions.js" */
/** @import { Navigation } from "./navigation.js" */
/** @import { Screen } from "./screen.js" */
/** @import { Sheet } from "./sheet.js" */
/** @import { Toolbar } from "./toolbar.js" */
/** @import { CommentData, Item } from "./types.js" */
import { query } from "../../elements.js";
import { Comment } from "./comment.js";
import { pictures } from "./format.js";
import { connectHelp, openHelp } from "./help.js";
import { Jump } from "./jump.js";
import { LabelKeys } from "./label_keys.js";
import { Palette } from "./palette.js";

const STORED = { note: "Noted.", flag: "Flagged.", reason: "Your reason is kept." };

export class Dialogs {
  /**
   * @param {HTMLElement} root
   * @param {Sheet} sheet
   * @param {Screen} screen
   * @param {Pick<Toolbar, "notify" | "showLabels">} toolbar
   * @param {Pick<Decisions, "relabel">} decisions
   * @param {Pick<Navigation, "toPage" | "toImage">} navigation
   */
  constructor(root, sheet, screen, toolbar, decisions, navigation) {
    this.sheet = sheet;
    this.screen = screen;
    this.toolbar = toolbar;
    const dialog = (/** @type {string} */ name) => query(root, `dialog.${name}`, HTMLDialogElement);
    this.help = dialog("help");
    connectHelp(this.help);
    const relabel = (/** @type {{id: number}} */ label) => decisions.relabel(label.id);
    this.palette = new Palette(dialog("palette"), relabel, async (name) => {
      const label = await this.createLabel(name);
      if (label) relabel(label);
    });
    this.labelKeys = new LabelKeys(dialog("labelKeys"), (keys) => this.storeKeys(keys));
    const fetchPeople = () => this.sheet.outbox.server.fetchPeople();
    this.comment = new Comment(dialog("comment"), (comment) => this.storeComment(comment), fetchPeople);
    const toPage = (/** @type {number} */ page) => navigation.toPage(page);
    this.jump = new Jump(dialog("jump"), toPage, (text) => navigation.toImage(text));
  }

  toggleHelp() {
    if (this.help.open) this.help.close();
    else openHelp(this.help, this.sheet.data.is_blind);
  }

  askPage() {
    this.jump.open(this.sheet.data.n_pages);
  }

  askKeys() {
    this.labelKeys.open(this.sheet.labels);
  }

  askLabel() {
    const items = this.screen.targetItems();
    if (!items.length) return;
    const title = items.length === 1 ? "Relabel this picture to" : `Relabel ${pictures(items.length)} to`;
    this.palette.open(this.sheet.labels, this.sheet.likely.rank(items), title);
  }

  /**
   * Makes a label of that name; returns it, or null when the server refuses.
   * @param {string} name
   */
  async createLabel(name) {
    const { data, labels, outbox } = this.sheet;
    const made = await outbox.server.createLabel(name);
    if (!made.label) {
      this.toolbar.notify(made.trouble, true);
      return null;
    }
    const { list } = labels;
    const position = list.filter((label) => !label.is_none).length;
    const digit = String(position + 1);
    const key = position < 9 && !labels.ofKey(digit) ? digit : null;
    const label = { ...made.label, key, colour: data.label_colours[position] ?? "#888888", is_none: false };
    const others = list.filter(({ id, is_none }) => id !== label.id && !is_none);
    const changed = this.sheet.setLabels([...others, label, ...list.filter(({ is_none }) => is_none)]);
    if (changed) this.toolbar.showLabels(this.sheet.labels);
    return label;
  }

  askComment() {
    const items = this.screen.targetItems();
    if (items.length) this.comment.open(items);
  }

  /**
   * Stores a comment; returns "" or a sentence on why that failed.
   * @param {CommentData} comment
   */
  async storeComment(comment) {
    const trouble = await this.sheet.outbox.server.storeComment(comment);
    if (trouble) return trouble;
    const ids = new Set(comment.image_ids);
    for (const item of this.sheet.items.filter(({ image_id }) => ids.has(image_id))) {
      item.nComments = (item.nComments ?? 0) + 1;
      if (comment.kind !== "reason") item.noted = this.notedOn(item, comment);
    }
    this.screen.showItems();
    this.toolbar.notify(comment.kind === "question" ? `Asked ${comment.asked}.` : STORED[comment.kind]);
    return "";
  }

  /**
   * Returns what a card says about a comment that was just stored.
   * @param {Item} item
   * @param {CommentData} comment
   */
  notedOn({ noted }, { kind, text, asked }) {
    return { kind, by: this.sheet.data.reviewer, text, to: asked ?? "", n_more: noted ? noted.n_more + 1 : 0 };
  }

  /**
   * Stores the labels' keys; returns "" or a sentence on why that failed.
   * @param {Record<string, string>} keys by label id
   */
  async storeKeys(keys) {
    const trouble = await this.sheet.outbox.server.storeKeys(keys);
    if (trouble) return trouble;
    const list = this.sheet.labels.list.map((label) => ({ ...label, key: label.is_none ? label.key : (keys[label.id] ?? null) }));
    if (this.sheet.setLabels(list)) this.toolbar.showLabels(this.sheet.labels);
    this.toolbar.notify("The keys are set, for everybody in this project.");
    return "";
  }
}
