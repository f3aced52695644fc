/** Every key of the grid, once: the key listener and the help overlay both read this table. */
/** @import { Command } from "./types.js" */
/** @import { Labels } from "./labels.js" */

/**
 * A row of the help. keys, control, controlShift: what is pressed alone, with Ctrl, with Ctrl and Shift. shown: what the
 * help shows instead of these. Rows without text are not in the help. blindText: the text where labels are hidden, "" =
 * the key means nothing there.
 * @typedef {object} KeyRow
 * @property {string} group
 * @property {string[]} [keys]
 * @property {string[]} [control]
 * @property {string[]} [controlShift]
 * @property {string} [command]
 * @property {string[]} [shown]
 * @property {string} [text]
 * @property {string} [blindText]
 */
/** @typedef {Pick<KeyboardEvent, "key" | "code" | "isComposing" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">} KeyPress */

/** @type {KeyRow[]} */
export const KEYS = [
  { group: "Decide", keys: ["Enter"], command: "accept", text: "Accept what the evidence suggests", blindText: "" },
  { group: "Decide", keys: ["k"], command: "keep", text: "Keep: the label is right", blindText: "" },
  {
    group: "Decide", keys: ["d"], command: "delete", text: "Delete: it does not belong in the data",
    blindText: "Delete: it belongs under none of the labels",
  },
  {
    group: "Decide", shown: ["1", "–", "9"], text: "Relabel to the label with that key; others can be set",
    blindText: "The label with that key is right; keys of others can be set",
  },
  { group: "Decide", shown: ["."], text: "No label: take it off", blindText: "" },
  {
    group: "Decide", keys: ["r", "/"], command: "relabel", text: "Relabel to any label: type part of its name",
    blindText: "Any label: type part of its name",
  },
  { group: "Decide", keys: ["u"], command: "clear", text: "Undecided: take the decision back" },
  { group: "Decide", control: ["z"], command: "undo", text: "Undo what you did last, also days later" },
  { group: "Decide", controlShift: ["z"], control: ["y"], command: "redo", text: "Do again what was undone" },
  { group: "Decide", keys: ["c"], command: "note", text: "Comment: a note, flag, question, or why you decided so" },
  { group: "Move", keys: ["ArrowLeft"], command: "left" },
  { group: "Move", keys: ["ArrowRight"], command: "right" },
  { group: "Move", keys: ["ArrowUp"], command: "up" },
  { group: "Move", keys: ["ArrowDown"], command: "down" },
  { group: "Move", shown: ["←", "→", "↑", "↓"], text: "From picture to picture" },
  { group: "Move", keys: ["Home"], command: "first", text: "First picture of the page" },
  { group: "Move", keys: ["End"], command: "last", text: "Last picture of the page" },
  { group: "Move", keys: ["n", "PageDown"], command: "next", text: "Next page" },
  { group: "Move", keys: ["p", "PageUp"], command: "previous", text: "Previous page" },
  { group: "Move", keys: ["g"], command: "jump", text: "Go to a page, or to an image by its name" },
  { group: "Select", shown: ["Shift", "+ arrow, click"], text: "Select from here to there" },
  { group: "Select", keys: ["x"], command: "toggle", text: "Select this one, or not (also Ctrl + click)" },
  { group: "Select", keys: ["a"], control: ["a"], command: "all", text: "Select the whole page" },
  { group: "Select", keys: ["i"], command: "invert", text: "Select what is not selected" },
  { group: "Select", keys: ["Escape"], command: "escape", text: "Select none" },
  { group: "Select", shown: ["Drag"], text: "A rectangle selects what it touches; Ctrl adds" },
  { group: "Look", keys: [" "], command: "enlarge", text: "One at a time, and back (also double click)" },
  { group: "Look", keys: ["+", "="], command: "bigger" },
  { group: "Look", keys: ["-"], command: "smaller" },
  { group: "Look", shown: ["+", "−"], text: "Bigger or smaller cards" },
  { group: "Look", keys: ["f"], command: "fit", text: "Whole picture, or fill the square" },
  { group: "One at a time", shown: ["h"], text: "Heat map: where the model looked", blindText: "" },
  { group: "One at a time", shown: ["+", "−", "0"], text: "Zoom; the whole picture (also wheel, drag, pinch)" },
  { group: "Look", keys: ["?"], command: "help", text: "This help" },
];

/** @type {Record<string, string>} */
const NAMES = { Escape: "Esc", " ": "Space", PageDown: "PgDn", PageUp: "PgUp", Enter: "Enter" };
// The enlarged picture listens to the first two by itself; the third is the key of no label.
const TAKEN = new Set(["h", "0", "."]);
const PLAIN = commandsBy("keys");
const WITH_CONTROL = commandsBy("control");
const WITH_BOTH = commandsBy("controlShift");

/**
 * @param {"keys" | "control" | "controlShift"} held
 * @returns {Map<string, string>}
 */
function commandsBy(held) {
  return new Map(KEYS.flatMap(({ command, [held]: keys = [] }) => (command ? keys.map((key) => [key, command]) : [])));
}

/**
 * Returns the command of a key press, one of the table's or "label" by the labels' keys; null when it is none of ours.
 * @param {KeyPress} event
 * @param {Labels} labels
 * @returns {Command | null}
 */
export function commandOf(event, labels) {
  if (event.isComposing || event.altKey) return null;
  if (event.ctrlKey || event.metaKey) {
    const name = (event.shiftKey ? WITH_BOTH : WITH_CONTROL).get(latin(event));
    return name ? { name, extend: false } : null;
  }
  const name = PLAIN.get(event.key) ?? PLAIN.get(latin(event));
  if (name) return { name, extend: event.shiftKey };
  const label = labels.ofKey(event.key.toLowerCase()) ?? labels.ofKey(latin(event)) ?? labels.ofKey(digitOf(event));
  return label ? { name: "label", label: label.id } : null;
}

/**
 * Whether a character is free to be a label's key.
 * @param {string} key
 */
export function isFree(key) {
  return key.length === 1 && key.trim() !== "" && !PLAIN.has(key) && !TAKEN.has(key);
}

/**
 * Returns the rows worth showing in the help, by group. isBlind: where labels are hidden.
 * @param {boolean} [isBlind]
 */
export function helpGroups(isBlind = false) {
  const shown = isBlind ? KEYS.map((row) => ({ ...row, text: row.blindText ?? row.text })) : KEYS;
  const rows = shown.filter((row) => row.text);
  const groups = [...new Set(rows.map((row) => row.group))];
  return groups.map((group) => ({ group, rows: rows.filter((row) => row.group === group).map(helpRow) }));
}

/** @param {KeyRow} row */
function helpRow({ keys = [], control = [], controlShift = [], shown, text = "" }) {
  const plain = keys.map((key) => NAMES[key] ?? key);
  const both = controlShift.flatMap((key) => ["Ctrl", "Shift", key]);
  const held = plain.length || both.length ? [] : control.flatMap((key) => ["Ctrl", key]);
  return { keys: shown ?? [...plain, ...both, ...held], text };
}

/**
 * Returns the letter in lower case; on a keyboard without Latin letters, the one at the same place of a Latin one.
 * @param {KeyPress} event
 */
function latin(event) {
  const isForeign = event.key.length === 1 && event.key > "\u007f";
  return ((isForeign && /^Key([A-Z])$/.exec(event.code)?.[1]) || event.key).toLowerCase();
}

/**
 * Returns the digit on a key of the digit row; on a French keyboard it gives other signs without shift.
 * @param {KeyPress} event
 */
function digitOf(event) {
  return event.shiftKey ? undefined : /^Digit([0-9])$/.exec(event.code)?.[1];
}
