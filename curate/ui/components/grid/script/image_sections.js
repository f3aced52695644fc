/** Where a picture comes from, what its camera wrote, and what happened to it: rows for the one-at-a-time view. */
import { make, showLabel } from "../../elements.js";
import { count } from "./format.js";
import { SAID, saidWords } from "./card_text.js";

const UNITS = [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60]];
const DONE = { keep: "kept it", delete: "says delete", clear: "took that back" };
const TOLD = 12; // events; of more the newest

/** The sections of an answer of the server's, as elements. */
export function backgroundOf(about, labels) {
  return [
    section("Its story", "ol", about.story.slice(-TOLD).map((event) => eventRow(event, labels))),
    storyLink(about),
    section("Where it comes from", "dl", about.origin.map(originRow)),
    section("File", "dl", fileRows(about)),
    section("Camera", "dl", about.camera.map(([name, value]) => row(name, make("span", "", value)))),
  ].filter(Boolean);
}

/** Flags are taken down and questions answered on the Team page, beside this one. */
function storyLink({ image_id: image }) {
  const project = new URLSearchParams(location.search).get("project") ?? "";
  const link = make("a", "", "Whole story, flags and questions");
  link.href = `${location.pathname.replace(/[^/]*$/, "team")}?project=${encodeURIComponent(project)}&image=${image}`;
  link.target = "_blank";
  return link;
}

function section(title, kind, rows) {
  if (!rows.length) return null;
  const found = make("section");
  const list = make(kind, kind === "ol" ? "story" : "");
  list.append(...rows);
  found.append(make("h3", "", title), list);
  return found;
}

function row(name, value) {
  const found = make("div", "fact");
  found.append(make("dt", "", name), make("dd"));
  found.lastChild.append(value);
  return found;
}

function originRow([name, text, address]) {
  if (!address) return row(name, make("span", "", text));
  const link = make("a", "", text === address ? new URL(address).host : text);
  link.href = address; // the server sends addresses of the web only
  link.title = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return row(name, link);
}

function fileRows(about) {
  const size = `${count(about.width)} × ${count(about.height)} px`;
  return [row("Size", make("span", "", `${size}, ${bytes(about.bytes)} ${about.format}`))];
}

function bytes(n) {
  return n < 1e6 ? `${(n / 1e3).toFixed(n < 1e4 ? 1 : 0)} kB` : `${(n / 1e6).toFixed(1)} MB`;
}

function eventRow(event, labels) {
  const found = make("li", event.action);
  const what = make("span", "what");
  what.append(...eventWords(event, labels));
  const when = make("time", "", ago(event.at));
  when.dateTime = event.at;
  when.title = new Date(event.at).toLocaleString();
  found.append(what, when);
  return found;
}

function eventWords({ action, by, label_id: label, run, version, text, to }, labels) {
  const who = make("b", "", by);
  if (SAID[action]) return [who, ` ${saidWords({ kind: action, to, text })}`];
  const during = run ? ` (run ${run})` : "";
  if (action === "added") return [who, " brought it in under ", chip(label, labels)];
  if (action === "relabel") return [who, " says ", chip(label, labels), during];
  if (DONE[action]) return [who, ` ${DONE[action]}${during}`];
  const how = { apply: "applied", restore: "restored" }[action] ?? action;
  return [who, ` ${how} it in version ${version}: `, chip(label, labels)];
}

function chip(id, labels) {
  const found = make("span", "label");
  showLabel(found, labels.find(id));
  return found;
}

function ago(at) {
  const seconds = (Date.now() - Date.parse(at)) / 1000;
  const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? ["second", 1];
  if (unit === "second") return "just now";
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(-Math.round(seconds / length), unit);
}
