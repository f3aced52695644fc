/** Every key of the grid, once: the key listener and the help overlay both read this table. */

export const KEYS = [
  { group: "Decide", keys: ["Enter"], command: "accept", words: "Accept what the evidence suggests" },
  { group: "Decide", keys: ["k"], command: "keep", words: "Keep: the label is right" },
  { group: "Decide", keys: ["d"], command: "delete", words: "Delete: it does not belong in the data" },
  { group: "Decide", shown: ["1", "–", "9"], words: "Relabel to the label with that key; others can be set" },
  { group: "Decide", keys: ["r", "/"], command: "relabel", words: "Relabel to any label: type part of its name" },
  { group: "Decide", keys: ["u"], command: "clear", words: "Undecided: take the decision back" },
  { group: "Decide", control: ["z"], command: "undo", words: "Undo what you did last, also days later" },
  { group: "Decide", controlShift: ["z"], control: ["y"], command: "redo", words: "Do again what was undone" },
  { group: "Decide", keys: ["c"], command: "note", words: "Comment: a note, flag, question, or why you decided so" },
  { group: "Move", keys: ["ArrowLeft"], command: "left" },
  { group: "Move", keys: ["ArrowRight"], command: "right" },
  { group: "Move", keys: ["ArrowUp"], command: "up" },
  { group: "Move", keys: ["ArrowDown"], command: "down" },
  { group: "Move", shown: ["←", "→", "↑", "↓"], words: "From picture to picture" },
  { group: "Move", keys: ["Home"], command: "first", words: "First picture of the page" },
  { group: "Move", keys: ["End"], command: "last", words: "Last picture of the page" },
  { group: "Move", keys: ["n", "PageDown"], command: "next", words: "Next page" },
  { group: "Move", keys: ["p", "PageUp"], command: "previous", words: "Previous page" },
  { group: "Move", keys: ["g"], command: "jump", words: "Go to a page, or to an image by its name" },
  { group: "Select", shown: ["Shift", "+ arrow, click"], words: "Select from here to there" },
  { group: "Select", keys: ["x"], command: "toggle", words: "Select this one, or not (also Ctrl + click)" },
  { group: "Select", keys: ["a"], control: ["a"], command: "all", words: "Select the whole page" },
  { group: "Select", keys: ["i"], command: "invert", words: "Select what is not selected" },
  { group: "Select", keys: ["Escape"], command: "escape", words: "Select none" },
  { group: "Select", shown: ["Drag"], words: "A rectangle selects what it touches; Ctrl adds" },
  { group: "Look", keys: [" "], command: "enlarge", words: "One at a time, and back (also double click)" },
  { group: "Look", keys: ["+", "="], command: "bigger" },
  { group: "Look", keys: ["-"], command: "smaller" },
  { group: "Look", shown: ["+", "−"], words: "Bigger or smaller cards" },
  { group: "Look", keys: ["f"], command: "fit", words: "Whole picture, or fill the square" },
  { group: "One at a time", shown: ["h"], words: "Heat map: where the model looked" },
  { group: "One at a time", shown: ["+", "−", "0"], words: "Zoom; the whole picture (also wheel, drag, pinch)" },
  { group: "Look", keys: ["?"], command: "help", words: "This help" },
];

const NAMES = { Escape: "Esc", " ": "Space", PageDown: "PgDn", PageUp: "PgUp", Enter: "Enter" };
const PLAIN = new Map(KEYS.flatMap((row) => (row.keys ?? []).map((key) => [key, row.command])));
const ONE_AT_A_TIME = new Set(["h", "0"]); // the enlarged picture listens to these by itself
const WITH_CONTROL = new Map(KEYS.flatMap((row) => (row.control ?? []).map((key) => [key, row.command])));
const WITH_BOTH = new Map(KEYS.flatMap((row) => (row.controlShift ?? []).map((key) => [key, row.command])));

/** What a key press asks for: {name, extend}, or {name: "label", label} by the labels' keys; null when it is none of ours. */
export function commandOf(event, labels) {
  if (event.isComposing || event.altKey) return null;
  if (event.ctrlKey || event.metaKey) return named((event.shiftKey ? WITH_BOTH : WITH_CONTROL).get(latin(event)), false);
  const plain = PLAIN.get(event.key) ?? PLAIN.get(latin(event));
  if (plain) return named(plain, event.shiftKey);
  const label = labels?.ofKey(event.key.toLowerCase()) ?? labels?.ofKey(latin(event)) ?? labels?.ofKey(digitOf(event));
  return label ? { name: "label", label: label.id } : null;
}

/** Whether a character is free to be a label's key. */
export function isFree(key) {
  return key.length === 1 && key.trim() !== "" && !PLAIN.has(key) && !ONE_AT_A_TIME.has(key);
}

/** The rows worth showing in the help, as [{group, rows: [{keys, words}]}]. */
export function helpGroups() {
  const rows = KEYS.filter((row) => row.words);
  const groups = [...new Set(rows.map((row) => row.group))];
  return groups.map((group) => ({ group, rows: rows.filter((row) => row.group === group).map(helpRow) }));
}

function helpRow(row) {
  const plain = (row.keys ?? []).map((key) => NAMES[key] ?? key);
  const both = (row.controlShift ?? []).flatMap((key) => ["Ctrl", "Shift", key]);
  const held = plain.length || both.length ? [] : (row.control ?? []).flatMap((key) => ["Ctrl", key]);
  return { keys: row.shown ?? [...plain, ...both, ...held], words: row.words };
}

function named(name, extend) {
  return name ? { name, extend } : null;
}

/** The letter in lower case; on a keyboard without Latin letters, the one that stands at the same place. */
function latin(event) {
  const isForeign = event.key.length === 1 && event.key > "\u007f";
  return ((isForeign && /^Key([A-Z])$/.exec(event.code)?.[1]) || event.key).toLowerCase();
}

/** The digit on a key of the digit row; on a French keyboard it gives other signs without shift. */
function digitOf(event) {
  return event.shiftKey ? undefined : /^Digit([0-9])$/.exec(event.code)?.[1];
}
