/** Building and changing elements. Text always goes in as text: nothing here can turn a file name into markup. */

/** A new element with a class and, when given, text. */
export function make(tag, className = "", text = null) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== null) element.textContent = text;
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** One of the drawings at the top of grid.html. Letters from the far ends of Unicode are missing in many fonts. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  drawing.append(use);
  return drawing;
}

/** Set an element's text, touching the page only when it differs: hundreds of cards are told the same again. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set an element's text with what stands between asterisks emphasised. */
export function setEmphasised(element, text) {
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  const pieces = text.split(/\*([^*]+)\*/);
  element.replaceChildren(...pieces.map((piece, i) => (i % 2 ? make("em", "", piece) : piece)));
}

/** Set an attribute, or take it away when the value is null, touching the page only when it differs. */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** A label as a coloured dot and its name, put into `element`. */
export function showLabel(element, label) {
  if (!element.firstChild) element.append(make("i", "dot"), make("span", "name"));
  element.firstChild.style.setProperty("--dot", label.colour);
  setText(element.lastChild, label.name);
}

/** Whether `element` is one people type or choose in: keys pressed there are theirs. */
export function isField(element) {
  return Boolean(element?.closest?.("input, textarea, select, [contenteditable='true'], [role='combobox']"));
}
