/** A small dialog with one field: a page by its number, an image by its file name or by # and its number. */
import { count } from "./format.js";

export class Jump {
  /** `toPage(number)`; `toImage(text)` answers whether the image is on the page that is shown, else it is looked for. */
  constructor(dialog, toPage, toImage) {
    this.dialog = dialog;
    this.toPage = toPage;
    this.toImage = toImage;
    this.field = dialog.querySelector("input");
    this.hint = dialog.querySelector(".rest");
    this.field.addEventListener("keydown", (event) => event.key === "Enter" && this.go(event));
    dialog.querySelector("[data-go]").addEventListener("click", (event) => this.go(event));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  open(nPages) {
    this.nPages = nPages;
    this.field.value = "";
    this.say(`Pages 1 to ${count(nPages)}; or part of a file name; or # and an image's number`);
    this.dialog.showModal();
    this.field.focus();
  }

  go(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text) return;
    const page = Number(text.replaceAll(",", ""));
    if (!Number.isInteger(page)) this.leave(() => this.toImage(text));
    else if (page >= 1 && page <= this.nPages) this.leave(() => this.toPage(page));
    else this.say(`There is no page ${count(page)}: they go from 1 to ${count(this.nPages)}.`);
  }

  leave(run) {
    this.dialog.close();
    run();
  }

  say(words) {
    this.hint.textContent = words;
  }
}
