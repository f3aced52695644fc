/** What the grid asks of a project's addresses, beside decisions: pages, steps, people, comments, labels' keys. */
/** @import { ListedStep } from "../../types/python.js" */
/** @import { CommentData, PageAnswer, StepsAnswer } from "./types.js" */
import { errorText, readRefusal } from "../../error_text.js";

const ANSWER_MS = 20000;

export class ProjectServer {
  /** @param {string} postUrl where decisions are sent */
  constructor(postUrl) {
    this.base = postUrl.replace(/(\/api\/projects\/\d+)\/.*$/, "$1/");
    this.token = "";
  }

  get headers() {
    return { "Content-Type": "application/json", "X-Curate-Token": this.token };
  }

  /**
   * Stores the labels' keys for everybody; returns "" or a sentence on why that failed.
   * @param {Record<string, string>} keys by label id
   */
  storeKeys(keys) {
    return this.store("label-keys", "PUT", { keys });
  }

  /**
   * Makes a label of that name, if there is none; returns it, or why that failed.
   * @param {string} name
   * @returns {Promise<{label: {id: number, name: string} | null, trouble: string}>}
   */
  async createLabel(name) {
    const { base, headers } = this;
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      const response = await fetch(`${base}labels`, { method: "POST", headers, body: JSON.stringify({ name }), signal });
      if (response.ok) return { label: await response.json(), trouble: "" };
      return { label: null, trouble: errorText(await readRefusal(response)) || "That label could not be made." };
    } catch {
      return { label: null, trouble: "The label was not made: there is no connection. Try again." };
    }
  }

  /**
   * Stores what is said about pictures; returns "" or a sentence on why that failed.
   * @param {CommentData} comment
   */
  storeComment(comment) {
    return this.store("notes", "POST", comment);
  }

  /** Returns the names of those who can be asked; none when the server cannot be reached. */
  async fetchPeople() {
    /** @type {{people: string[]} | null} */
    const answer = await this.fetch("people");
    return answer?.people ?? [];
  }

  /**
   * Returns the reviewer's last steps, newest first; null when the server cannot be reached.
   * @returns {Promise<ListedStep[] | null>}
   */
  async fetchSteps() {
    /** @type {StepsAnswer | null} */
    const answer = await this.fetch("steps");
    return answer?.steps ?? null;
  }

  /**
   * Returns a page of a list; null when the server cannot be reached.
   * @param {{view: string, size: string, number: string, after: string}} query
   * @returns {Promise<PageAnswer | null>}
   */
  fetchPage(query) {
    return this.fetch(`pages?${new URLSearchParams(query)}`);
  }

  /**
   * @param {string} place
   * @param {"PUT" | "POST"} method
   * @param {unknown} body
   */
  async store(place, method, body) {
    const { base, headers } = this;
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      const response = await fetch(base + place, { method, headers, body: JSON.stringify(body), signal });
      return response.ok ? "" : errorText(await readRefusal(response)) || "That could not be saved.";
    } catch {
      return "Not saved: there is no connection. Try again.";
    }
  }

  /** @param {string} place */
  async fetch(place) {
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      const response = await fetch(this.base + place, { headers: { "X-Curate-Token": this.token }, signal });
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }
}
