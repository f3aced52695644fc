/** Finding, building and changing elements. Text always goes in as text: no file name can become markup. */

/**
 * Returns the first descendant of `root` that matches `selector`; throws where there is none of that kind.
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => E} kind
 * @returns {E}
 */
export function query(root, selector, kind) {
  const element = root.querySelector(selector);
  if (element instanceof kind) return element;
  throw new Error(`No ${kind.name} matches ${selector}.`);
}

/**
 * Returns all descendants of `root` that match `selector` and are of that kind.
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => E} kind
 * @returns {E[]}
 */
export function queryAll(root, selector, kind) {
  return [...root.querySelectorAll(selector)].flatMap((element) => (element instanceof kind ? [element] : []));
}

/**
 * Returns the innermost element that matches `selector` and holds what an event happened to; null without one.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function closest(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

/**
 * Returns a new element with a class and, when given, text.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string | null} [text]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, className = "", text = null) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== null) element.textContent = text;
  return element;
}

/**
 * Returns a new button that submits no form.
 * @param {string} className
 * @param {string | null} [text]
 */
export function makeButton(className = "", text = null) {
  const button = make("button", className, text);
  button.type = "button";
  return button;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * Returns one of the drawings at the top of grid.html; many fonts lack such characters.
 * @param {string} name
 */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  drawing.append(use);
  return drawing;
}

/**
 * Sets an element's text. An equal text is not set again: hundreds of cards are mostly shown unchanged.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Sets an element's text, emphasising what stands between asterisks.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function setEmphasised(element, text) {
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  const pieces = text.split(/\*([^*]+)\*/);
  element.replaceChildren(...pieces.map((piece, i) => (i % 2 ? make("em", "", piece) : piece)));
}

/**
 * Sets an attribute, or removes it when the value is null; an equal value is not set again.
 * @param {Element} element
 * @param {string} name
 * @param {string | null} value
 */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/**
 * Shows a label in `element`: a coloured dot and its name.
 * @param {HTMLElement} element
 * @param {{name: string, colour: string}} label
 */
export function showLabel(element, label) {
  if (!element.firstChild) element.append(make("i", "dot"), make("bdi", "name"));
  const [dot, name] = element.children;
  if (dot instanceof HTMLElement) dot.style.setProperty("--dot", label.colour);
  setText(name, label.name);
}

/**
 * Returns a new element that shows a label.
 * @param {{name: string, colour: string}} label
 * @param {string} [className]
 */
export function makeLabel(label, className = "label") {
  const element = make("span", className);
  showLabel(element, label);
  return element;
}

/**
 * Whether people type or choose in `element`, so that keys pressed there belong to it.
 * @param {EventTarget | null} element
 */
export function isField(element) {
  const fields = "input, textarea, select, [contenteditable='true'], [role='combobox']";
  return element instanceof Element && element.closest(fields) !== null;
}
