/** The last steps by name, each to be undone or redone by itself: also one that is not the newest. */
/** @import { Step } from "./types.js" */
import { make, makeButton, query } from "../../elements.js";

const N_SHOWN = 60;

export class HistoryMenu {
  /**
   * @param {HTMLElement} menu
   * @param {() => Step[]} steps returns the present steps, oldest first
   * @param {() => Promise<void>} load fetches the steps of other visits
   */
  constructor(menu, steps, load) {
    this.menu = menu;
    this.steps = steps;
    this.list = query(menu, ".list", HTMLElement);
    this.none = query(menu, ".none", HTMLElement);
    menu.addEventListener("toggle", (event) => {
      if (event.newState !== "open") return;
      this.show();
      load().then(() => this.show());
    });
  }

  /** Fills the menu, newest first, while it is open. */
  show() {
    if (!this.menu.matches(":popover-open")) return;
    const shown = this.steps().slice(-N_SHOWN).toReversed();
    this.list.replaceChildren(...shown.map(makeRow));
    this.none.hidden = shown.length > 0;
  }
}

/** @param {Step} step */
function makeRow(step) {
  const row = make("li", step.isUndone ? "undone" : "");
  const name = make("span", "name", step.name);
  name.title = step.name;
  const verb = step.isUndone ? "Redo" : "Undo";
  const button = makeButton("", verb);
  button.dataset.command = step.isUndone ? "redoThis" : "undoThis";
  button.dataset.key = step.key;
  button.setAttribute("aria-label", `${verb}: ${step.name}`);
  row.append(name, button);
  return row;
}
