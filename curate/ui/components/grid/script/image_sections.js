/** Where an image comes from, what its camera wrote, and what happened to it: sections for the one-at-a-time view. */
/** @import { StoryEvent } from "../../types/python.js" */
/** @import { Labels } from "./labels.js" */
/** @import { CloseUp } from "./types.js" */
import { make, makeLabel } from "../../elements.js";
import { commentText, isComment } from "./card_text.js";
import { count } from "./format.js";

/** @type {[unit: Intl.RelativeTimeFormatUnit, seconds: number][]} */
const UNITS = [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60]];
/** @type {Record<string, string>} */
const DECIDED = { keep: "kept it", delete: "says delete", clear: "took that back" };
const MOST_EVENTS = 12; // the newest of them

/**
 * @param {CloseUp} closeUp
 * @param {Labels} labels
 */
export function makeSections(closeUp, labels) {
  const events = closeUp.story.slice(-MOST_EVENTS).map((event) => makeEvent(event, labels));
  return [
    ...makeSection("Its story", make("ol", "story"), events),
    makeStoryLink(closeUp),
    ...makeSection("Where it comes from", make("dl"), closeUp.origin.map(makeOrigin)),
    ...makeSection("File", make("dl"), [makeFact("Size", make("span", "", fileText(closeUp)))]),
    ...makeSection("Camera", make("dl"), closeUp.camera.map(([name, value]) => makeFact(name, make("span", "", value)))),
  ];
}

/**
 * Returns a row of the facts: a name and a value.
 * @param {string} name
 * @param {HTMLElement} value
 */
export function makeFact(name, value) {
  const row = make("div", "fact");
  const cell = make("dd");
  cell.append(value);
  row.append(make("dt", "", name), cell);
  return row;
}

/**
 * Returns a link to the Team page, where flags are taken down and questions answered.
 * @param {CloseUp} closeUp
 */
function makeStoryLink({ image_id: image }) {
  const project = new URLSearchParams(location.search).get("project") ?? "";
  const link = make("a", "", "Whole story, flags and questions");
  link.href = `${location.pathname.replace(/[^/]*$/, "team")}?project=${encodeURIComponent(project)}&image=${image}`;
  link.target = "_blank";
  return link;
}

/**
 * Returns one section, or none without rows.
 * @param {string} title
 * @param {HTMLElement} list
 * @param {HTMLElement[]} rows
 */
function makeSection(title, list, rows) {
  if (!rows.length) return [];
  const section = make("section");
  list.append(...rows);
  section.append(make("h3", "", title), list);
  return [section];
}

/** @param {CloseUp["origin"][number]} origin */
function makeOrigin([name, text, address]) {
  if (!address) return makeFact(name, make("span", "", text));
  const link = make("a", "", text === address ? new URL(address).host : text);
  link.href = address; // the server sends addresses of the web only
  link.title = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return makeFact(name, link);
}

/** @param {CloseUp} closeUp */
function fileText({ width, height, bytes, format }) {
  const size = bytes < 1e6 ? `${(bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  return `${count(width)} × ${count(height)} px, ${size} ${format}`;
}

/**
 * @param {StoryEvent} event
 * @param {Labels} labels
 */
function makeEvent(event, labels) {
  const row = make("li", event.action);
  const text = make("span", "what");
  text.append(make("b", "", event.by), ...eventText(event, labels));
  const when = make("time", "", ago(event.at));
  when.dateTime = event.at;
  when.title = new Date(event.at).toLocaleString();
  row.append(text, when);
  return row;
}

/**
 * Returns what somebody did, to stand behind the name.
 * @param {StoryEvent} event
 * @param {Labels} labels
 */
function eventText({ action, label_id: label, run, version, text, to }, labels) {
  if (isComment(action)) return [` ${commentText({ kind: action, to, text })}`];
  const during = run ? ` (run ${run})` : "";
  const chip = makeLabel(labels.find(label));
  if (action === "added") return [" brought it in under ", chip];
  if (action === "relabel") return [" says ", chip, during];
  if (DECIDED[action]) return [` ${DECIDED[action]}${during}`];
  const verb = action === "apply" ? "applied" : action === "restore" ? "restored" : action;
  return [` ${verb} it in version ${version}: `, chip];
}

/** @param {string} at */
function ago(at) {
  const seconds = (Date.now() - Date.parse(at)) / 1000;
  const largest = UNITS.find(([, size]) => seconds >= size);
  if (!largest) return "just now";
  const [unit, size] = largest;
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(-Math.round(seconds / size), unit);
}
