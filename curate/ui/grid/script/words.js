/** What is said of a picture, on its card, enlarged and aloud. */
import { lossWords } from "./format.js";

export const SIGNS = { keep: "✓", delete: "✕", relabel: "⇄" };

/** Remarks on an item as {icon, words, kind}: the same picture elsewhere, a label changed since, reviewers at odds. */
export function notesOf(item, labels) {
  const notes = [];
  if (isSet(item.same_picture_elsewhere)) notes.push({ icon: "twin", words: elsewhereWords(item, labels) });
  if (isSet(item.changed)) notes.push({ icon: "changed", words: changedWords(item, labels) });
  if (item.checked) notes.push({ icon: "checked", words: "Somebody has confirmed this label in an earlier version." });
  if (item.conflict) notes.push({ icon: "conflict", kind: "conflict", words: "Reviewers disagree about it." });
  return notes;
}

/** Everything about a card in one sentence, for those who listen. */
export function describe(item, state, labels) {
  const parts = [item.file_name, `filed under ${labels.name(item.label)}`];
  if (hasValue(item.predicted)) parts.push(`taken for ${labels.name(item.predicted)}`);
  if (hasValue(item.loss)) parts.push(`loss ${lossWords(item.loss)}`);
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
