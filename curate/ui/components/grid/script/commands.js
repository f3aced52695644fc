/** What every command does. Keys, buttons and chips name the commands. */
/** @import { Decisions } from "./decisions.js" */
/** @import { Dialogs } from "./dialogs.js" */
/** @import { Focus } from "./focus.js" */
/** @import { Navigation } from "./navigation.js" */
/** @import { Preferences, PreferenceName } from "./preferences.js" */
/** @import { Screen } from "./screen.js" */
/** @import { Selection } from "./selection.js" */
/** @import { Command } from "./types.js" */

/**
 * @typedef {object} Parts
 * @property {Decisions} decisions
 * @property {Dialogs} dialogs
 * @property {Pick<Focus, "topDialog">} focus
 * @property {Navigation} navigation
 * @property {Preferences} preferences
 * @property {Screen} screen
 * @property {Selection} selection
 * @property {(name: PreferenceName, value: string | number) => void} setPreference
 */

/**
 * Returns what carries out a command by its name.
 * @param {Parts} parts
 * @returns {(command: Command) => void}
 */
export function makeRunner(parts) {
  const { decisions, dialogs, focus, navigation, preferences, screen, setPreference } = parts;
  /** @type {Record<string, (command: Command) => void>} */
  const actions = {
    accept: () => decisions.accept(),
    keep: () => decisions.decide("keep"),
    delete: () => decisions.decide("delete"),
    clear: () => decisions.decide("clear"),
    relabel: () => dialogs.askLabel(),
    label: ({ label }) => label !== undefined && decisions.relabel(label),
    undo: () => decisions.turn(true),
    redo: () => decisions.turn(false),
    undoThis: ({ key }) => decisions.turn(true, key),
    redoThis: ({ key }) => decisions.turn(false, key),
    note: () => dialogs.askComment(),
    jump: () => dialogs.askPage(),
    setKeys: () => dialogs.askKeys(),
    help: () => dialogs.toggleHelp(),
    left: ({ extend }) => navigation.move(-1, extend),
    right: ({ extend }) => navigation.move(1, extend),
    up: ({ extend }) => navigation.moveRow(-1, extend),
    down: ({ extend }) => navigation.moveRow(1, extend),
    first: ({ extend }) => navigation.move(-parts.selection.cursor, extend),
    last: ({ extend }) => navigation.move(parts.selection.count, extend),
    next: () => navigation.turnPage(1),
    previous: () => navigation.turnPage(-1),
    ...selectingActions(parts),
    enlarge: () => screen.toggleEnlarged(),
    bigger: () => setPreference("width", preferences.wider),
    smaller: () => setPreference("width", preferences.narrower),
    fit: () => setPreference("fit", preferences.fit === "cover" ? "contain" : "cover"),
    close: () => focus.topDialog()?.close(),
  };
  return (command) => actions[command.name]?.(command);
}

/**
 * @param {Parts} parts
 * @returns {Record<string, () => void>}
 */
function selectingActions({ screen, selection }) {
  const following = (/** @type {() => void} */ change) => () => {
    change();
    screen.followSelection();
  };
  return {
    toggle: following(() => selection.toggle(selection.cursor)),
    all: following(() => selection.selectAll()),
    invert: following(() => selection.invert()),
    escape: following(() => selection.clear()),
  };
}
