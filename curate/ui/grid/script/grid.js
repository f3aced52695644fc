/** The curation grid: commands and Streamlit's data come in here and go to the parts that know what to do. */
import { CardTable, prefetch } from "./cards.js";
import { isField, setAttribute } from "./dom.js";
import { Enlarged } from "./enlarged.js";
import { count, pictures } from "./format.js";
import { fillHelp } from "./help.js";
import { Input } from "./input.js";
import { Labels } from "./labels.js";
import { Ledger } from "./ledger.js";
import { outboxFor } from "./outbox.js";
import { Palette } from "./palette.js";
import { CARD_WIDTHS, Preferences } from "./preferences.js";
import { Selection } from "./selection.js";
import { Toolbar } from "./toolbar.js";
import { PageTurn } from "./turn.js";
import { describe, hasValue } from "./words.js";

const TOLD_PYTHON_AFTER_MS = 700; // of quiet: a rerun per decision would be a waste
const DONE = { keep: "Kept", delete: "Deleted", relabel: "Relabelled", clear: "Undecided again:" };

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
    const noPage = "The page did not come. What you decided is kept; try again when the connection is back.";
    this.turn = new PageTurn(root, (command) => this.run(command), () => this.toolbar.say(noPage, true));
    this.items = [];
    fillHelp(this.help);
    this.applyPreferences();
    this.input = new Input(this);
  }

  // ---- what Streamlit sends

  /** Streamlit's call: first when the component appears, then after every rerun and change of theme. */
  update(component) {
    const { data } = component;
    this.component = component;
    const isFirst = !this.data;
    const isOtherPage = isFirst || this.data.page !== data.page || this.data.view_key !== data.view_key;
    const returnsToTop = isOtherPage && this.isTopOutOfSight(); // measured before anything changes: that is cheap
    const cursorId = this.items[this.selection.cursor]?.image_id;
    this.data = data;
    this.items = data.items;
    this.takeLabels(data.labels);
    this.connect(data);
    this.ledger.learnItems(data.items, data.revision);
    this.showItems();
    this.placeCursor(isOtherPage, cursorId);
    this.toolbar.showPage(data.page, data.n_pages);
    prefetch(data.prefetch ?? []);
    if (returnsToTop) this.root.scrollIntoView({ block: "start" });
    if (isFirst) this.focusAtFirst();
    this.turn.arrived(data.turned);
  }

  destroy() {
    this.input.stop();
    clearTimeout(this.tellTimer);
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
    }
    outbox.connect(this, data.token, data.revision);
  }

  /** The same pictures again (Streamlit reran): the cursor stays on its picture. Another page: it starts at the top. */
  placeCursor(isOtherPage, cursorId) {
    const found = this.items.findIndex((item) => item.image_id === cursorId);
    const position = found >= 0 ? found : this.selection.cursor;
    const isUnchanged = position === this.selection.cursor && this.selection.count === this.items.length;
    if (isOtherPage) this.selection.reset(this.items.length, this.landsLast ? this.items.length - 1 : 0);
    else if (!isUnchanged) this.selection.reset(this.items.length, position);
    this.showSelection();
  }

  // ---- commands

  run(command) {
    const { name, extend, digit, label } = command;
    const deeds = {
      accept: () => this.accept(),
      keep: () => this.decide("keep"),
      delete: () => this.decide("delete"),
      clear: () => this.decide("clear"),
      relabel: () => this.askLabel(),
      digit: () => this.relabel(this.labels.ofDigit(digit)),
      label: () => this.relabel(this.labels.find(label)),
      undo: () => this.undo(),
      left: () => this.move(-1, extend),
      right: () => this.move(1, extend),
      up: () => this.move(this.enlarged.isOpen ? -1 : -this.cards.columns, extend),
      down: () => this.move(this.enlarged.isOpen ? 1 : this.cards.columns, extend),
      first: () => this.move(-this.selection.cursor, extend),
      last: () => this.move(this.items.length, extend),
      next: () => this.turnPage(1),
      previous: () => this.turnPage(-1),
      toggle: () => this.select(() => this.selection.toggle(this.selection.cursor)),
      all: () => this.select(() => this.selection.pickAll()),
      escape: () => this.select(() => this.selection.clear()),
      enlarge: () => this.enlarge(),
      bigger: () => this.prefer("size", this.preferences.size + 1),
      smaller: () => this.prefer("size", this.preferences.size - 1),
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

  decide(action, label = null) {
    const items = this.targets().map((position) => this.items[position]);
    if (!items.length) return;
    // Relabelling to the label a picture has already says that the label is right.
    const isSame = (item) => action === "relabel" && item.label === label;
    const ids = (chosen) => chosen.map((item) => item.image_id);
    const groups = [
      { ids: ids(items.filter((item) => !isSame(item))), action, label },
      { ids: ids(items.filter(isSame)), action: "keep", label: null },
    ];
    this.record(items, groups.filter((group) => group.ids.length), DONE[action]);
  }

  /** Decide as the evidence suggests; pictures about which it says nothing stay as they are. */
  accept() {
    const chosen = this.targets().map((position) => this.items[position]);
    const items = chosen.filter((item) => item.suggestion);
    if (!chosen.length) return;
    if (!items.length) return this.toolbar.say(`Nothing is suggested for ${chosen.length === 1 ? "it" : "these"}.`);
    const groups = new Map();
    for (const { image_id, label, suggestion } of items) {
      // A picture that has the suggested label by now is kept.
      const action = suggestion.label === label ? "keep" : suggestion.action;
      const to = action === "relabel" ? suggestion.label : null;
      const key = `${action} ${to}`;
      if (!groups.has(key)) groups.set(key, { ids: [], action, label: to });
      groups.get(key).ids.push(image_id);
    }
    this.record(items, [...groups.values()], "Accepted the suggestion for");
    const nLeft = chosen.length - items.length;
    if (nLeft) this.toolbar.say(`Nothing is suggested for ${pictures(nLeft)}: left as they are.`);
    return undefined;
  }

  /** Store decisions on these items, as one step to undo, and go on. */
  record(items, groups, words) {
    const wasSingle = this.targets().length === 1;
    this.ledger.decide(groups, this.data.run_id);
    this.showDecisions(new Set(items.map((item) => item.image_id)));
    this.toolbar.announce(`${words} ${items.length === 1 ? items[0].file_name : pictures(items.length)}`);
    this.goOn(wasSingle);
  }

  relabel(label) {
    if (label?.id !== undefined && label.id !== null) this.decide("relabel", label.id);
  }

  /** After a decision on one card the next one is up; after one on several, they are no longer selected. */
  goOn(wasSingle) {
    const isAtEnd = this.selection.cursor === this.items.length - 1;
    this.select(() => this.selection.clear());
    const hasMore = this.data.page < this.data.n_pages;
    if (wasSingle && this.preferences.advance && (!isAtEnd || (hasMore && this.enlarged.isOpen))) this.move(1);
    else if (wasSingle && isAtEnd && hasMore) this.toolbar.say("End of the page. n turns to the next.");
  }

  undo() {
    const undone = this.ledger.undo(this.data.run_id);
    if (!undone) return this.toolbar.say("Nothing to undo in this visit.");
    const position = this.items.findIndex((item) => item.image_id === undone.ids[0]);
    this.showDecisions();
    if (position >= 0) this.select(() => this.selection.moveTo(position));
    const elsewhere = undone.ids.length && position < 0 ? " (on another page)" : "";
    const left = undone.nLeft ? ` ${pictures(undone.nLeft)} changed by others stay as they are.` : "";
    return this.toolbar.say(`Took back the decision on ${pictures(undone.ids.length)}${elsewhere}.${left}`);
  }

  askLabel() {
    const positions = this.targets();
    if (!positions.length) return;
    const items = positions.map((position) => this.items[position]);
    const title = items.length === 1 ? "Relabel this picture to" : `Relabel ${pictures(items.length)} to`;
    const likely = items.flatMap((item) => [item.suggestion?.label, item.predicted]);
    this.palette.open(this.labels, likely.filter((id) => id && id !== items[0].label), title);
  }

  move(by, extend) {
    const to = this.selection.cursor + by;
    // One at a time goes on over the edge of a page.
    if (this.enlarged.isOpen && Math.abs(by) === 1 && !this.items[to]) return this.turnPage(by);
    return this.select(() => this.selection.moveTo(this.selection.cursor + by, extend && !this.enlarged.isOpen));
  }

  /** Let `change` work on the selection, then show it. */
  select(change) {
    change();
    this.showSelection();
    this.keepCursorInSight();
  }

  turnPage(step) {
    const page = this.data.page + step;
    if (page < 1 || page > this.data.n_pages) {
      this.toolbar.say(step > 0 ? "This is the last page." : "This is the first page.");
    } else {
      this.landsLast = step < 0 && this.enlarged.isOpen;
      this.turn.ask(page, (value) => this.component.setTriggerValue("turn", value));
    }
  }

  enlarge() {
    if (this.enlarged.isOpen) return this.enlarged.close();
    if (!this.items.length) return undefined;
    this.enlarged.open();
    return this.showEnlarged();
  }

  prefer(name, value) {
    if (name === "size") value = Math.max(0, Math.min(CARD_WIDTHS.length - 1, Number(value)));
    this.preferences.set(name, name === "advance" ? value === "true" : value);
    this.applyPreferences();
    this.keepCursorInSight();
  }

  applyPreferences() {
    this.field.dataset.fit = this.preferences.fit;
    this.cards.setSize(this.preferences.size);
    this.toolbar.showPreferences(this.preferences);
  }

  // ---- what comes back from the server (called by the outbox)

  answered(batch, answer, since) {
    const ids = this.ledger.learnAnswer(batch, answer, since);
    const others = new Set(answer.changes.filter((c) => c.reviewer !== this.data.reviewer).map((c) => c.image_id));
    if (!ids.size) return;
    this.showDecisions(ids);
    this.items.forEach((item, i) => others.has(item.image_id) && this.cards.cards[i].flash());
    this.tellPython(answer.revision);
  }

  refused(op, words) {
    this.showDecisions(new Set(op.image_ids));
    this.toolbar.say(`Not saved, and put back as it was: ${words}`, true);
  }

  changed() {
    this.toolbar.showSaving(this.outbox);
  }

  /** When decisions have come to rest, the page may want to count them again. */
  tellPython(revision) {
    if (!this.data.tells_saved) return;
    clearTimeout(this.tellTimer);
    this.tellTimer = setTimeout(() => {
      if (this.outbox.waiting || this.turn.isUnderWay) this.tellPython(revision);
      else this.component.setTriggerValue("saved", { revision });
    }, TOLD_PYTHON_AFTER_MS);
  }

  // ---- showing

  showItems() {
    const maxLoss = this.data.max_loss || Math.max(1e-9, ...this.items.map((item) => item.loss ?? 0));
    this.root.classList.toggle("doubted", this.items.some((item) => hasValue(item.doubt)));
    this.cards.show(this.items, this.labels, maxLoss);
    this.root.querySelector(".empty").hidden = this.items.length > 0;
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
    this.showEnlarged();
  }

  /** Reviewed pictures of the whole queue: what Python counted, and what has changed on this page since. */
  nDecided() {
    const isNew = (item) => Boolean(this.ledger.stateOf(item.image_id).decision) - Boolean(item.decision);
    // Those confirmed earlier count as reviewed in any case, but for those that are asked again.
    const open = this.items.filter((item) => !item.checked || item.asks_again);
    return this.data.n_decided + open.reduce((sum, item) => sum + isNew(item), 0);
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
    this.enlarged.show(item, this.labels, place, this.items.slice(cursor + 1, cursor + 3), this.data);
    this.enlarged.decide(this.ledger.stateOf(item.image_id), this.labels);
    return prefetch([this.items[cursor + 1]?.view, this.items[cursor - 1]?.view].filter(Boolean));
  }

  // ---- focus and sight

  focus() {
    if (!this.anyDialog()) this.field.focus({ preventScroll: true });
  }

  /** Keys work at once, unless somebody is typing elsewhere. */
  focusAtFirst() {
    if (this.data.autofocus && !isField(document.activeElement)) this.focus();
  }

  anyDialog() {
    return this.root.querySelector("dialog:modal");
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
