/** The curation grid: puts its parts together and hands them what Streamlit sends. */
/** @import { Component } from "../../types/streamlit.js" */
/** @import { PreferenceName } from "./preferences.js" */
/** @import { GridData, ShownData } from "./types.js" */
import { query } from "../../elements.js";
import { CardPointer } from "./card_pointer.js";
import { CardTable } from "./cards.js";
import { makeRunner } from "./commands.js";
import { Connection } from "./connection.js";
import { ConnectionNotice } from "./connection_notice.js";
import { connectControls } from "./controls.js";
import { Decisions } from "./decisions.js";
import { Dialogs } from "./dialogs.js";
import { Enlarged } from "./enlarged.js";
import { Focus } from "./focus.js";
import { HistoryMenu } from "./history_menu.js";
import { withAddresses } from "./items.js";
import { Keyboard } from "./keyboard.js";
import { Marquee } from "./marquee.js";
import { Navigation } from "./navigation.js";
import { PageCache } from "./page_cache.js";
import { PageTurn } from "./page_turn.js";
import { Preferences } from "./preferences.js";
import { Screen } from "./screen.js";
import { Sheet } from "./sheet.js";
import { showTheme } from "./theme.js";
import { Toolbar } from "./toolbar.js";

const NO_PAGE = "The page did not come. What you decided is kept; try again when the connection is back.";

export class Grid {
  /**
   * @param {HTMLElement} root
   * @param {Component<GridData>} component
   */
  constructor(root, component) {
    this.root = root;
    this.component = component; // the one of Streamlit's last call
    this.isFirst = true;
    const send = (/** @type {string} */ name, /** @type {unknown} */ value) => this.component.setTriggerValue(name, value);
    this.sheet = new Sheet(component.data);
    this.preferences = new Preferences();
    this.table = new CardTable(query(root, ".cards", HTMLElement));
    this.toolbar = new Toolbar(root);
    this.focus = new Focus(root, this.table.element);
    this.turn = new PageTurn(root, (command) => this.run(command), () => this.toolbar.notify(NO_PAGE, true));
    this.screen = this.makeScreen();
    this.pages = new PageCache(this.sheet, this.turn, (message) => send("turn", message));
    this.navigation = new Navigation(this.sheet, this.screen, {
      turn: this.turn, pages: this.pages, toolbar: this.toolbar, preferences: this.preferences,
      showPage: (data) => this.showPage(data),
      requestPage: (message) => send("turn", message),
      requestImage: (message) => send("find", message),
    });
    this.decisions = new Decisions(this.sheet, this.screen, this.toolbar, this.navigation);
    this.connection = new Connection(this.sheet, this.screen, this.toolbar, this.decisions, () => {
      this.pages.clear();
      send("outdated", { revision: this.sheet.outbox.since });
    });
    this.dialogs = new Dialogs(root, this.sheet, this.screen, this.toolbar, this.decisions, this.navigation);
    this.run = makeRunner({
      decisions: this.decisions, dialogs: this.dialogs, focus: this.focus, navigation: this.navigation,
      preferences: this.preferences, screen: this.screen, selection: this.sheet.selection,
      setPreference: (name, value) => this.setPreference(name, value),
    });
    this.keyboard = this.connectInput();
    this.notice = new ConnectionNotice(() => this.focus.take());
    this.showPreferences();
  }

  makeScreen() {
    const { sheet, root, table, toolbar } = this;
    const dialog = query(root, "dialog.enlarged", HTMLDialogElement);
    const enlarged = new Enlarged(dialog, (step) => this.turn.guard({ name: step > 0 ? "right" : "left" }));
    const menu = query(root, "#steps-menu", HTMLElement);
    const history = new HistoryMenu(menu, () => sheet.ledger.steps.list, () => this.connection.loadSteps());
    return new Screen(sheet, { root, table, enlarged, toolbar, history });
  }

  /** Connects keys, mouse, touch and controls with the commands; returns the part that has to be stopped. */
  connectInput() {
    const { dialogs, focus, root, screen, sheet, table, turn } = this;
    const { selection } = sheet;
    const isBlocked = () => turn.isUnderWay;
    const selectButton = query(root, "[data-command='touchSelect']", HTMLElement);
    const pointer = new CardPointer({ table, selection, screen, focus, isBlocked, selectButton });
    new Marquee({
      field: table.element, table, isBlocked,
      selected: () => selection.selected,
      select: (base, positions) => {
        selection.select(base, positions);
        screen.showSelection();
      },
    });
    connectControls(root, {
      run: (command) => turn.guard(command),
      setPreference: (name, value) => this.setPreference(name, value),
      toggleSelecting: () => pointer.toggleSelecting(),
      takeFocus: () => focus.take(),
    });
    return new Keyboard(root, {
      focus, labels: () => sheet.labels, isHelpOpen: () => dialogs.help.open, run: (command) => turn.guard(command),
    });
  }

  /**
   * Streamlit's call: first when the component appears, then after every rerun and change of theme.
   * @param {Component<GridData>} component
   */
  update(component) {
    this.component = component;
    const { isFirst } = this;
    const sent = component.data;
    showTheme(this.root);
    if (this.pages.isAheadOf(sent)) return;
    const data = { ...sent, items: withAddresses(sent.items, sent.images_url) };
    if (this.sheet.setLabels(data.labels)) this.toolbar.showLabels(this.sheet.labels);
    this.connection.connect(data);
    this.sheet.ledger.learnItems(data.items, data.revision);
    this.showPage(data);
    this.focus.takeFor(data, isFirst);
    if (isFirst) this.navigation.lastFound = data.found?.nonce ?? null;
    else this.navigation.arriveAt(data.found);
    this.turn.finish(data.turned);
    this.pages.add(data);
  }

  destroy() {
    this.keyboard.stop();
    this.notice.stop();
    this.pages.takeUnreported();
    this.connection.disconnect();
  }

  /**
   * Shows a page, with the cursor on the picture it was on; on another page at its start.
   * @param {ShownData} data
   */
  showPage(data) {
    const { current, data: before } = this.sheet;
    const isOtherPage = this.isFirst || before.page !== data.page || before.view_key !== data.view_key;
    const returnsToTop = isOtherPage && this.focus.isTopOutOfSight(); // measured before anything changes: that is cheap
    this.isFirst = false;
    this.sheet.data = data;
    this.root.classList.toggle("blind", data.is_blind);
    this.screen.showItems();
    this.placeCursor(isOtherPage, current?.image_id);
    this.toolbar.showPage(data.page, data.n_pages);
    if (returnsToTop) this.root.scrollIntoView({ block: "start" });
  }

  /**
   * @param {boolean} isOtherPage
   * @param {number | undefined} imageId of the picture that the cursor was on
   */
  placeCursor(isOtherPage, imageId) {
    const { items, selection } = this.sheet;
    const position = items.findIndex((item) => item.image_id === imageId);
    const cursor = position >= 0 ? position : selection.cursor;
    const isUnchanged = cursor === selection.cursor && selection.count === items.length;
    if (isOtherPage) selection.reset(items.length, this.navigation.startsAtEnd ? items.length - 1 : 0);
    else if (!isUnchanged) selection.reset(items.length, cursor);
    this.screen.showSelection();
  }

  /**
   * @param {PreferenceName} name
   * @param {string | number} value
   */
  setPreference(name, value) {
    this.preferences.set(name, value);
    this.showPreferences();
    this.screen.scrollToCursor();
  }

  showPreferences() {
    this.table.element.dataset.fit = this.preferences.fit;
    this.table.setCardWidth(this.preferences.width);
    this.toolbar.showPreferences(this.preferences);
  }
}
