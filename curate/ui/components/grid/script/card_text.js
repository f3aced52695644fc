/** What is said of a picture, on its card, enlarged and aloud. */
import { count, lossWords, percent } from "./format.js";

const AGAIN = "Somebody confirmed this label, but the evidence has become much stronger since.";
export const SAID = { note: "notes", flag: "flags it", unflag: "takes the flag down", question: "asks", answer: "answers" };
export const SIGNS = { keep: "✓", delete: "✕", relabel: "⇄" };

/** What the evidence suggests in a few words, with its probability: "glass 87 %", "delete", "right 93 %". */
export function suggestionWords(suggestion, labels) {
  if (suggestion.action === "delete") return "delete";
  const what = suggestion.action === "keep" ? "right" : labels.name(suggestion.label);
  return `${what} ${percent(suggestion.p)}`.trim();
}

/** Remarks on an item as {icon, words, kind}: asked again, the same picture elsewhere, a label changed since, reviewers at odds. */
export function notesOf(item, labels) {
  const notes = [];
  if (item.asks_again) notes.push({ icon: "again", kind: "again", words: AGAIN });
  if (isSet(item.same_picture_elsewhere)) notes.push({ icon: "twin", words: elsewhereWords(item, labels) });
  if (isSet(item.changed)) notes.push({ icon: "changed", words: changedWords(item, labels) });
  if (item.checked && !item.asks_again) notes.push({ icon: "checked", words: "Somebody has confirmed this label in an earlier version." });
  if (item.noted) notes.push({ icon: "noted", kind: "noted", words: notedWords(item.noted) });
  if (item.conflict) notes.push({ icon: "conflict", kind: "conflict", words: "Reviewers disagree about it." });
  return notes;
}

/** A note, flag or question in a sentence, with its text. */
export function saidWords({ kind, to, text }) {
  return `${SAID[kind]}${to ? ` ${to}` : ""}${text ? `: “${text}”` : ""}`;
}

function notedWords(noted) {
  const more = noted.n_more ? ` (and ${count(noted.n_more)} more)` : "";
  return `${noted.by} ${saidWords(noted)}${more}`;
}

/** Everything about a card in one sentence, for those who listen. */
export function describe(item, state, labels) {
  const parts = [item.file_name, `filed under ${labels.name(item.label)}`];
  if (hasValue(item.predicted)) parts.push(`taken for ${labels.name(item.predicted)}`);
  if (hasValue(item.doubt)) parts.push(`doubt ${percent(item.doubt)}`);
  else if (hasValue(item.loss)) parts.push(`loss ${lossWords(item.loss)}`);
  if (item.suggestion) parts.push(`suggested: ${suggestionWords(item.suggestion, labels)}`);
  if (item.why) parts.push(item.why.replaceAll("*", ""));
  parts.push(decisionWords(state, labels), ...notesOf(item, labels).map((note) => note.words));
  return parts.join(", ");
}

/** Whether Python sent a value: None arrives as null, a key left out as undefined. */
export function hasValue(value) {
  return value !== null && value !== undefined;
}

function decisionWords(state, labels) {
  if (!state.decision) return "undecided";
  const to = state.decision === "relabel" ? ` to ${labels.name(state.label)}` : "";
  return `decided: ${state.decision}${to}${state.reviewer ? ` by ${state.reviewer}` : ""}`;
}

function elsewhereWords(item, labels) {
  if (item.same_picture_elsewhere === true) return "The same picture is filed under another label, too.";
  return `The same picture is also filed under ${item.same_picture_elsewhere.map((id) => labels.name(id)).join(", ")}.`;
}

function changedWords(item, labels) {
  if (item.changed === true) return "Its label has changed since this run.";
  return `It was filed under ${labels.name(item.changed)} when this run saw it.`;
}

/** Flags come as true, as an id, or as a list of ids. */
function isSet(flag) {
  return Array.isArray(flag) ? flag.length > 0 : Boolean(flag);
}
