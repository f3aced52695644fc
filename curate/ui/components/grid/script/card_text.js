/** What is said about a picture, on its card, enlarged and to screen readers. */
/** @import { Noted, Suggestion } from "../../types/python.js" */
/** @import { Labels } from "./labels.js" */
/** @import { Item, Remark, State } from "./types.js" */
import { count, lossText } from "./format.js";

const AGAIN = "Somebody confirmed this label, but the evidence has become much stronger since.";
/** @type {Record<string, string>} */
const COMMENT_VERBS = { note: "notes", flag: "flags it", unflag: "takes the flag down", question: "asks", answer: "answers" };
/** @type {Record<string, string>} */
export const SIGNS = { keep: "✓", delete: "✕", relabel: "⇄" };

/**
 * Returns what a card's doubt means, for its tooltip.
 * @param {string} doubtText
 */
export function doubtTitle(doubtText) {
  return doubtText.endsWith("%")
    ? "How probable it is that the label is wrong, by the evidence and by the decisions so far"
    : "How strongly models that had not seen the picture speak against its label; what that means, decisions tell";
}

/**
 * Returns what the evidence suggests: "glass", "delete", "right".
 * @param {Suggestion} suggestion
 * @param {Labels} labels
 */
export function suggestionText(suggestion, labels) {
  if (suggestion.action === "delete") return "delete";
  return suggestion.action === "keep" ? "right" : labels.name(suggestion.label);
}

/**
 * Returns the remarks on an item: confirmed before, the same picture elsewhere, a label changed since, comments.
 * @param {Item} item
 * @param {Labels} labels
 */
export function remarksOn(item, labels) {
  /** @type {Remark[]} */
  const remarks = [];
  const add = (/** @type {string} */ icon, /** @type {string} */ text, kind = "") => remarks.push({ icon, kind, text });
  if (item.asks_again) add("again", AGAIN, "again");
  if (item.same_picture_elsewhere) add("twin", "The same picture is filed under another label, too.");
  if (item.changed) add("changed", `It was filed under ${labels.name(item.changed)} when this run saw it.`);
  if (item.checked && !item.asks_again) add("checked", "Somebody has confirmed this label in an earlier version.");
  if (item.noted) add("noted", notedText(item.noted), "noted");
  return remarks;
}

/**
 * Whether an event of an image's story is a comment.
 * @param {string} kind
 */
export function isComment(kind) {
  return Object.hasOwn(COMMENT_VERBS, kind);
}

/**
 * Returns a note, flag or question as a sentence, with its text.
 * @param {{kind: string, to: string, text: string}} comment
 */
export function commentText({ kind, to, text }) {
  return `${COMMENT_VERBS[kind]}${to ? ` ${to}` : ""}${text ? `: “${text}”` : ""}`;
}

/** @param {Noted} noted */
function notedText(noted) {
  const more = noted.n_more ? ` (and ${count(noted.n_more)} more)` : "";
  return `${noted.by} ${commentText(noted)}${more}`;
}

/**
 * Returns everything about a card in one sentence, for screen readers.
 * @param {Item} item
 * @param {State} state
 * @param {Labels} labels
 */
export function describe(item, state, labels) {
  const parts = [item.file_name];
  if (item.label) parts.push(`filed under ${labels.name(item.label)}`); // 0 = hidden
  if (hasValue(item.predicted)) parts.push(`taken for ${labels.name(item.predicted)}`);
  if (item.doubt_text) parts.push(`doubt ${item.doubt_text}`);
  else if (item.sure_text) parts.push(`sure to ${item.sure_text}`);
  else if (hasValue(item.loss)) parts.push(`loss ${lossText(item.loss)}`);
  if (item.suggestion) parts.push(`suggested: ${suggestionText(item.suggestion, labels)}`);
  if (item.why) parts.push(item.why.replaceAll("*", ""));
  parts.push(decisionText(state, labels), ...remarksOn(item, labels).map((remark) => remark.text));
  return parts.join(", ");
}

/**
 * Whether Python sent a value: None arrives as null, a key left out as undefined.
 * @template T
 * @param {T} value
 * @returns {value is NonNullable<T>}
 */
export function hasValue(value) {
  return value !== null && value !== undefined;
}

/**
 * @param {State} state
 * @param {Labels} labels
 */
function decisionText(state, labels) {
  if (!state.decision) return "undecided";
  const to = state.decision === "relabel" ? ` to ${labels.name(state.label)}` : "";
  return `decided: ${state.decision}${to}${state.reviewer ? ` by ${state.reviewer}` : ""}`;
}
