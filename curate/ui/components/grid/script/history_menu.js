/** The last steps by name, each to be undone or redone by itself: also one that is not the newest. */
import { make, setText } from "../../elements.js";

const N_SHOWN = 60;

export class HistoryMenu {
  /** `load()` asks the server for the steps of other visits; `steps()` gives the present ones. */
  constructor(menu, steps, load) {
    this.menu = menu;
    this.steps = steps;
    this.list = menu.querySelector(".list");
    this.none = menu.querySelector(".none");
    menu.addEventListener("toggle", (event) => {
      if (event.newState !== "open") return;
      this.show();
      load().then(() => this.show());
    });
  }

  /** Fill it, newest first, when somebody looks at it. */
  show() {
    if (!this.menu.matches(":popover-open")) return;
    const shown = this.steps().list.slice(-N_SHOWN).toReversed();
    this.list.replaceChildren(...shown.map(makeRow));
    this.none.hidden = shown.length > 0;
  }
}

function makeRow(step) {
  const row = make("li", step.isUndone ? "undone" : "");
  const name = make("span", "name", step.name);
  name.title = step.name;
  const button = make("button");
  button.type = "button";
  button.dataset.command = step.isUndone ? "redoThis" : "undoThis";
  button.dataset.key = step.key;
  setText(button, step.isUndone ? "Redo" : "Undo");
  button.setAttribute("aria-label", `${step.isUndone ? "Redo" : "Undo"}: ${step.name}`);
  row.append(name, button);
  return row;
}
