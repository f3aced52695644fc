/** Clicks on the grid's buttons, chips and menus, and moves of its slider. */
/** @import { PreferenceName } from "./preferences.js" */
/** @import { Command } from "./types.js" */
import { closest, query, queryAll } from "../../elements.js";

/**
 * @typedef {object} Actions
 * @property {(command: Command) => void} run
 * @property {(name: PreferenceName, value: string) => void} setPreference
 * @property {() => void} toggleSelecting
 * @property {() => void} takeFocus
 */

/**
 * Connects the controls with what they do.
 * @param {HTMLElement} root
 * @param {Actions} actions
 */
export function connectControls(root, actions) {
  root.addEventListener("click", (event) => click(event, actions));
  // Buttons do not take the focus from the cards, so that keys go on working after a click.
  root.addEventListener("mousedown", (event) => closest(event, "button") && event.preventDefault());
  for (const button of queryAll(root, "[popovertarget]", HTMLButtonElement)) placeMenuBelow(root, button);
  for (const slider of queryAll(root, "[data-slider]", HTMLInputElement)) {
    slider.addEventListener("input", () => actions.setPreference("width", slider.value));
  }
}

/**
 * @param {MouseEvent} event
 * @param {Actions} actions
 */
function click(event, { run, setPreference, toggleSelecting, takeFocus }) {
  const control = closest(event, "[data-command], [data-label], [data-preference]");
  if (!control || control.matches(":disabled")) return;
  const { command, label, preference, value = "", key } = control.dataset;
  if (command === "touchSelect") toggleSelecting();
  else if (command) run({ name: command, key });
  else if (label) run({ name: "label", label: Number(label) });
  else setPreference(/** @type {PreferenceName} */ (preference), value);
  if (!control.closest("[popover]")) takeFocus();
}

/**
 * Has a button's menu open below it.
 * @param {HTMLElement} root
 * @param {HTMLButtonElement} button
 */
function placeMenuBelow(root, button) {
  const menu = query(root, `#${button.getAttribute("popovertarget")}`, HTMLElement);
  menu.addEventListener("beforetoggle", () => {
    const box = button.getBoundingClientRect();
    menu.style.top = `${box.bottom + 6}px`;
    menu.style.right = `${Math.max(8, document.documentElement.clientWidth - box.right)}px`;
  });
}
