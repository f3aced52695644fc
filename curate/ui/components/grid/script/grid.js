/** The curation grid: commands and Streamlit's data come in here and go to the parts that know what to do. */
import { CardTable, prefetch } from "./cards.js";
import { Comment } from "./comment.js";
import { CutNotice } from "./connection_notice.js";
import { Deciding } from "./decisions.js";
import { isField, setAttribute } from "../../elements.js";
import { Enlarged } from "./enlarged.js";
import { count, pictures } from "./format.js";
import { Going } from "./navigation.js";
import { fillHelp } from "./help.js";
import { HistoryMenu } from "./history_menu.js";
import { Input } from "./input.js";
import { Jump } from "./jump.js";
import { KeySetting } from "./label_keys.js";
import { Labels } from "./labels.js";
import { Ledger } from "./ledger.js";
import { Likely } from "./likely_labels.js";
import { Marquee } from "./marquee.js";
import { outboxFor } from "./outbox.js";
import { Pages, addressed } from "./page_cache.js";
import { Palette } from "./palette.js";
import { Preferences } from "./preferences.js";
import { Selection } from "./selection.js";
import { Toolbar } from "./toolbar.js";
import { PageTurn } from "./page_turn.js";
import { describe, hasValue } from "./card_text.js";

let lastList = null; // the view that this tab's grid showed last, also before it left the page


export class Grid {
  constructor(root) {
    this.root = root;
    this.field = root.querySelector(".cards");
    this.selection = new Selection();
    this.preferences = new Preferences();
    this.cards = new CardTable(this.field);
    this.toolbar = new Toolbar(root);
    const swiped = (step) => this.turn.guard({ name: step > 0 ? "right" : "left" });
    this.enlarged = new Enlarged(root.querySelector("dialog.enlarged"), swiped);
    this.palette = new Palette(root.querySelector("dialog.palette"), (label) => this.relabel(label));
    this.help = root.querySelector("dialog.help");
    this.keySetting = new KeySetting(root.querySelector("dialog.labelKeys"), (keys) => this.setKeys(keys));
    const findPeople = () => this.outbox.fetchPeople();
    this.comment = new Comment(root.querySelector("dialog.comment"), (said) => this.say(said), findPeople);
    const toPage = (page) => this.going.toPage(page);
    this.jump = new Jump(root.querySelector("dialog.jump"), toPage, (text) => this.going.toImage(text));
    const noPage = "The page did not come. What you decided is kept; try again when the connection is back.";
    this.turn = new PageTurn(root, (command) => this.run(command), () => this.toolbar.say(noPage, true));
    this.items = [];
    const load = () => this.loadSteps();
    this.history = new HistoryMenu(root.querySelector("#steps-menu"), () => this.ledger.steps, load);
    fillHelp(this.help);
    this.applyPreferences();
    this.deciding = new Deciding(this);
    this.going = new Going(this);
    this.pages = new Pages(this);
    this.input = new Input(this);
    this.cutNotice = new CutNotice(this);
    this.marquee = new Marquee(this);
  }

  // ---- what Streamlit sends

  /** Streamlit's call: first when the component appears, then after every rerun and change of theme. */
  update(component) {
    this.component = component;
    if (this.pages.isAheadOf(component.data)) return;
    const data = { ...component.data, items: addressed(component.data.items, component.data.images_url) };
    const isFirst = !this.data;
    this.takeLabels(data.labels);
    this.connect(data);
    this.ledger.learnItems(data.items, data.revision);
    this.seenVersion = Math.max(this.seenVersion ?? 0, data.version_id ?? 0) || undefined;
    this.showPage(data);
    this.focusOn(data, isFirst);
    if (!isFirst) this.going.arrive(data.found);
    else this.going.foundNonce = data.found?.nonce;
    this.turn.arrived(data.turned);
    this.pages.take(data);
  }

  /** Put a page on the cards, and the cursor on the picture it was on, or on another page at the top. */
  showPage(data) {
    const isOtherPage = this.data?.page !== data.page || this.data.view_key !== data.view_key;
    const returnsToTop = isOtherPage && this.isTopOutOfSight(); // measured before anything changes: that is cheap
    const cursorId = this.items[this.selection.cursor]?.image_id;
    this.data = data;
    this.items = data.items;
    this.showItems();
    this.placeCursor(isOtherPage, cursorId);
    this.toolbar.showPage(data.page, data.n_pages);
    if (returnsToTop) this.root.scrollIntoView({ block: "start" });
  }

  /** The picture that the person looks at, for heartbeats. */
  get at() {
    return this.items[this.selection.cursor]?.image_id;
  }

  destroy() {
    this.input.stop();
    this.cutNotice.stop();
    this.pages.untold();
    this.outbox?.disconnect(this);
  }

  takeLabels(list) {
    const known = JSON.stringify(list);
    if (known === this.knownLabels) return;
    this.knownLabels = known;
    this.labels = new Labels(list);
    this.toolbar.showLabels(this.labels);
  }

  connect(data) {
    const outbox = outboxFor(data.post_url, data.reviewer);
    if (outbox !== this.outbox) {
      this.outbox?.disconnect(this);
      this.outbox = outbox;
      this.ledger = new Ledger(outbox);
      this.likely = new Likely(data.project_id);
      this.knowsSteps = false;
    }
    const isBehind = data.revision > outbox.since; // decided by a button beside the grid, or by others
    outbox.connect(this, data.token, data.revision);
    if (isBehind) this.knowsSteps = false;
    if (!this.knowsSteps) this.loadSteps();
  }

  /** The steps of earlier visits; asked for again after the network was away. */
  async loadSteps() {
    this.knowsSteps = true;
    this.knowsSteps = await this.ledger.loadSteps();
    this.toolbar.showSteps(this.ledger.steps);
  }

  /** The same pictures again (Streamlit reran): the cursor stays on its picture. Another page: it starts at the top. */
  placeCursor(isOtherPage, cursorId) {
    const found = this.items.findIndex((item) => item.image_id === cursorId);
    const position = found >= 0 ? found : this.selection.cursor;
    const isUnchanged = position === this.selection.cursor && this.selection.count === this.items.length;
    if (isOtherPage) this.selection.reset(this.items.length, this.going.landsLast ? this.items.length - 1 : 0);
    else if (!isUnchanged) this.selection.reset(this.items.length, position);
    this.showSelection();
  }

  // ---- commands

  run(command) {
    const { name, extend, label, key } = command;
    const deeds = {
      accept: () => this.deciding.accept(),
      keep: () => this.deciding.decide("keep"),
      delete: () => this.deciding.decide("delete"),
      clear: () => this.deciding.decide("clear"),
      relabel: () => this.askLabel(),
      label: () => this.relabel(this.labels.find(label)),
      undo: () => this.deciding.turn(true),
      redo: () => this.deciding.turn(false),
      undoThis: () => this.deciding.turn(true, key),
      redoThis: () => this.deciding.turn(false, key),
      note: () => this.askWords(),
      jump: () => this.jump.open(this.data.n_pages),
      setKeys: () => this.keySetting.open(this.labels),
      left: () => this.going.move(-1, extend),
      right: () => this.going.move(1, extend),
      up: () => this.going.move(this.enlarged.isOpen ? -1 : -this.cards.columns, extend),
      down: () => this.going.move(this.enlarged.isOpen ? 1 : this.cards.columns, extend),
      first: () => this.going.move(-this.selection.cursor, extend),
      last: () => this.going.move(this.items.length, extend),
      next: () => this.going.turnPage(1),
      previous: () => this.going.turnPage(-1),
      toggle: () => this.select(() => this.selection.toggle(this.selection.cursor)),
      all: () => this.select(() => this.selection.pickAll()),
      invert: () => this.select(() => this.selection.invert()),
      escape: () => this.select(() => this.selection.clear()),
      enlarge: () => this.enlarge(),
      bigger: () => this.prefer("width", this.preferences.wider),
      smaller: () => this.prefer("width", this.preferences.narrower),
      fit: () => this.prefer("fit", this.preferences.fit === "cover" ? "contain" : "cover"),
      help: () => (this.help.open ? this.help.close() : this.help.showModal()),
      close: () => this.anyDialog()?.close(),
    };
    deeds[name]?.();
  }

  /** Positions that a decision is about: in the enlarged view only the picture one looks at. */
  targets() {
    return this.enlarged.isOpen ? [this.selection.cursor].filter((i) => this.items[i]) : this.selection.targets();
  }

  relabel(label) {
    if (label?.id !== undefined && label.id !== null) this.deciding.decide("relabel", label.id);
  }

  /** After a decision on one card the next one is up; after one on several, they are no longer selected. */
  goOn(wasSingle) {
    const isAtEnd = this.selection.cursor === this.items.length - 1;
    this.select(() => this.selection.clear());
    const hasMore = this.data.page < this.data.n_pages;
    const { advance } = this.preferences;
    if (!wasSingle || advance === "stay") return;
    if (!isAtEnd || (hasMore && this.enlarged.isOpen)) this.going.move(1);
    else if (hasMore && advance === "turn") this.going.turnPage(1);
    else if (hasMore) this.toolbar.say("End of the page. n turns to the next.");
  }

  askLabel() {
    const positions = this.targets();
    if (!positions.length) return;
    const items = positions.map((position) => this.items[position]);
    const title = items.length === 1 ? "Relabel this picture to" : `Relabel ${pictures(items.length)} to`;
    this.palette.open(this.labels, this.likely.of(items), title);
  }

  askWords() {
    const items = this.targets().map((position) => this.items[position]);
    if (items.length) this.comment.open(items);
  }

  /** Store a comment; "" or a sentence on why that could not be. */
  async say(said) {
    const trouble = await this.outbox.comment(said);
    if (trouble) return trouble;
    for (const item of this.items.filter((item) => said.image_ids.includes(item.image_id))) {
      item.nComments = (item.nComments ?? 0) + 1;
      if (said.kind !== "reason") item.noted = this.noted(item, said);
    }
    this.showItems();
    const done = { note: "Noted.", flag: "Flagged.", question: `Asked ${said.asked}.`, reason: "Your reason is kept." };
    this.toolbar.say(done[said.kind]);
    return "";
  }

  /** What a card says of a comment that was just stored. */
  noted(item, { kind, text, asked }) {
    return { kind, by: this.data.reviewer, text, to: asked ?? "", n_more: item.noted ? item.noted.n_more + 1 : 0 };
  }

  /** Let `change` work on the selection, then show it. */
  select(change) {
    change();
    this.showSelection();
    this.keepCursorInSight();
  }

  async setKeys(keys) {
    const trouble = await this.outbox.putKeys(keys);
    if (trouble) return trouble;
    this.takeLabels(this.labels.list.map(({ id, name, colour }) => ({ id, name, colour, key: keys[id] ?? null })));
    this.toolbar.say("The keys are set, for everybody in this project.");
    return "";
  }

  enlarge() {
    if (this.enlarged.isOpen) return this.enlarged.close();
    if (!this.items.length) return undefined;
    this.enlarged.open();
    return this.showEnlarged();
  }

  prefer(name, value) {
    this.preferences.set(name, value);
    this.applyPreferences();
    this.keepCursorInSight();
  }

  applyPreferences() {
    this.field.dataset.fit = this.preferences.fit;
    this.cards.setCardWidth(this.preferences.width);
    this.toolbar.showPreferences(this.preferences);
  }

  // ---- what comes back from the server (called by the outbox)

  answered(done, answer, since) {
    this.noticeSteps(done, answer);
    const ids = this.ledger.learnAnswer(done, answer, since);
    this.deciding.turned(answer.turns ?? []);
    this.noticeVersion(answer.version);
    const others = new Set(answer.changes.filter((c) => c.reviewer !== this.data.reviewer).map((c) => c.image_id));
    if (!ids.size) return;
    this.showDecisions(ids);
    this.items.forEach((item, i) => others.has(item.image_id) && this.cards.cards[i].flash());
    // An undo may have brought pictures back into a view that was empty.
    if (!this.items.length && done.some((op) => op.shows)) this.askAnew();
  }

  /** Decisions of this reviewer that this tab did not send are steps of another tab, or of a button beside the grid. */
  noticeSteps(done, answer) {
    const sent = new Set(done.flatMap((op) => op.image_ids));
    const isElsewhere = (change) => change.reviewer === this.data.reviewer && !sent.has(change.image_id);
    if (answer.reload || answer.changes.some(isElsewhere)) this.knowsSteps = false;
    if (!this.knowsSteps && !answer.more) this.loadSteps();
    if (answer.reload) this.askAnew();
  }

  /** Somebody has applied: what the cards say of their labels is of the version before, so they are asked for anew. */
  noticeVersion(version) {
    if (!version || version === this.seenVersion) return;
    const isNews = version > (this.seenVersion ?? version);
    this.seenVersion = version;
    if (isNews) this.askAnew();
  }

  /** Have Python send the page's items again. */
  askAnew() {
    this.pages.forget();
    this.component.setTriggerValue("outdated", { revision: this.outbox.since });
  }

  refused(op, words) {
    this.ledger.steps.drop(op.step);
    this.showDecisions(new Set(op.image_ids));
    this.toolbar.say(`Not saved, and put back as it was: ${words}`, true);
  }

  changed() {
    this.toolbar.showSaving(this.outbox);
  }

  // ---- showing

  showItems() {
    const maxLoss = this.data.max_loss || Math.max(1e-9, ...this.items.map((item) => item.loss ?? 0));
    this.root.classList.toggle("doubted", this.items.some((item) => hasValue(item.doubt)));
    this.cards.show(this.items, this.labels, maxLoss);
    this.root.classList.toggle("empty", !this.items.length);
    this.field.hidden = this.items.length === 0;
    this.showDecisions();
  }

  /** Show what is decided on this page, or only on the images of `ids`. */
  showDecisions(ids = null) {
    this.items.forEach((item, position) => {
      if (ids && !ids.has(item.image_id)) return;
      const state = this.ledger.stateOf(item.image_id);
      const card = this.cards.cards[position];
      card.decide(state, this.labels, this.data.reviewer);
      const words = describe(item, state, this.labels);
      setAttribute(card.element, "aria-label", `${words}, ${count(position + 1)} of ${count(this.items.length)}`);
    });
    this.toolbar.showProgress(this.nDecided(), this.data.n_total);
    this.toolbar.showSteps(this.ledger.steps);
    this.history.show();
    this.showEnlarged();
  }

  /** Reviewed pictures of the whole queue: what Python counted, and what has changed on this page since. */
  nDecided() {
    return this.data.n_decided + this.ledger.nChanged(this.items);
  }

  showSelection() {
    this.cards.mark(this.selection);
    this.toolbar.showSelection(this.selection.picked.size);
    this.showEnlarged();
  }

  showEnlarged() {
    if (!this.enlarged.isOpen) return;
    const { cursor } = this.selection;
    const item = this.items[cursor];
    if (!item) return this.items.length ? undefined : this.enlarged.close(); // a shorter page: its cursor comes next
    const place = `${count(cursor + 1)} of ${count(this.items.length)}`;
    const state = this.ledger.stateOf(item.image_id);
    this.enlarged.show(item, this.labels, place, this.items.slice(cursor + 1, cursor + 3), this.data, state);
    return prefetch([this.items[cursor + 1]?.view, this.items[cursor - 1]?.view].filter(Boolean));
  }

  // ---- focus and sight

  focus() {
    if (!this.anyDialog()) this.field.focus({ preventScroll: true });
  }

  /** Keys work at once and after every choice of a filter, unless somebody is typing elsewhere. */
  focusOn({ autofocus, view_key }, isFirst) {
    const isOtherList = lastList !== null && lastList !== view_key;
    lastList = view_key;
    const { activeElement } = document;
    if (isOtherList ? !isDragged(activeElement) : isFirst && autofocus && !isField(activeElement)) this.focus();
  }

  anyDialog() {
    return [...this.root.querySelectorAll("dialog:modal")].at(-1); // the one on top
  }

  /** A dialog, or a menu. */
  anythingOpen() {
    return this.root.querySelector("dialog:modal, [popover='auto']:popover-open");
  }

  keepCursorInSight() {
    this.cards.cards[this.selection.cursor]?.element.scrollIntoView({ block: "nearest" });
  }

  isTopOutOfSight() {
    return this.root.getBoundingClientRect().top < 0;
  }

  isInSight() {
    const { top, bottom } = this.root.getBoundingClientRect();
    return top < window.innerHeight * 0.8 && bottom > 0;
  }
}

/** Whether the focus is on a slider: each step of it is a choice, and the next one is about to come. */
function isDragged(element) {
  return Boolean(element?.matches?.("[role='slider'], input[type='range']"));
}
