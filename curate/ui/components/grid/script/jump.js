/** A small dialog with one field: a page by its number, an image by its file name or by # and its number. */
import { query } from "../../elements.js";
import { count } from "./format.js";

export class Jump {
  /**
   * @param {HTMLDialogElement} dialog
   * @param {(page: number) => void} toPage
   * @param {(text: string) => void} toImage
   */
  constructor(dialog, toPage, toImage) {
    this.dialog = dialog;
    this.toPage = toPage;
    this.toImage = toImage;
    this.nPages = 1;
    this.field = query(dialog, "input", HTMLInputElement);
    this.hint = query(dialog, ".rest", HTMLElement);
    this.field.addEventListener("keydown", (event) => event.key === "Enter" && this.go(event));
    query(dialog, "[data-go]", HTMLElement).addEventListener("click", (event) => this.go(event));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  /** @param {number} nPages */
  open(nPages) {
    this.nPages = nPages;
    this.field.value = "";
    this.showHint(`Pages 1 to ${count(nPages)}; or part of a file name; or # and an image's number`);
    this.dialog.showModal();
    this.field.focus();
  }

  /** @param {Event} event */
  go(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text) return;
    const page = Number(text.replaceAll(",", ""));
    if (!Number.isInteger(page)) this.leave(() => this.toImage(text));
    else if (page >= 1 && page <= this.nPages) this.leave(() => this.toPage(page));
    else this.showHint(`There is no page ${count(page)}: they go from 1 to ${count(this.nPages)}.`);
  }

  /** @param {() => void} run */
  leave(run) {
    this.dialog.close();
    run();
  }

  /** @param {string} text */
  showHint(text) {
    this.hint.textContent = text;
  }
}
