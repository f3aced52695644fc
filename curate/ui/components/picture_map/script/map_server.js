/** What the map's script asks of the server, see `server/maps.py`. Every method throws a sentence that can be shown. */
/** @import { MapCard, MapData } from "./types.js" */
import { errorText, readRefusal } from "../../error_text.js";

export class MapServer {
  /** @param {Pick<MapData, "maps_url" | "token" | "number" | "run_id">} data */
  constructor(data) {
    this.data = data;
    /** @type {Map<number, MapCard>} */
    this.cards = new Map(); // kept as long as the map
  }

  fetchPoints() {
    return this.fetchBytes(`${this.data.number}/points`);
  }

  fetchShades() {
    return this.fetchBytes(`${this.data.number}/shades?run=${this.data.run_id ?? ""}`);
  }

  /**
   * Returns what is known of these images, without those that cannot be had now.
   * @param {number[]} ids
   */
  async fetchCards(ids) {
    const missing = ids.filter((id) => !this.cards.has(id));
    if (missing.length) {
      const response = await this.fetch(`cards?ids=${missing.join(",")}`).catch(() => null);
      /** @type {MapCard[]} */
      const cards = response ? await response.json() : [];
      for (const card of cards) this.cards.set(card.id, card);
    }
    return ids.flatMap((id) => this.cards.get(id) ?? []);
  }

  /**
   * Stores a choice; returns the number under which it is kept.
   * @param {Uint32Array<ArrayBuffer>} ids
   * @returns {Promise<number>}
   */
  async storeChoice(ids) {
    const response = await this.fetch("picked", { method: "POST", body: ids });
    const { picked } = await response.json();
    return picked;
  }

  /** @param {string} place */
  async fetchBytes(place) {
    const response = await this.fetch(place);
    return response.arrayBuffer();
  }

  /**
   * @param {string} place
   * @param {RequestInit} [options]
   */
  async fetch(place, options = {}) {
    const headers = { "X-Curate-Token": this.data.token };
    const response = await fetch(`${this.data.maps_url}/${place}`, { ...options, headers }).catch(() => null);
    if (!response) throw new Error("The server cannot be reached at the moment. Reload the page when it is back.");
    if (response.ok) return response;
    throw new Error(errorText(await readRefusal(response)) || "The map could not be loaded.");
  }
}
