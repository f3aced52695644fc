/** How many pictures are chosen on the map, and some of them as thumbnails. */
/** @import { MapCard } from "./types.js" */
import { query } from "../../elements.js";

const MOST_SHOWN = 12;
const count = new Intl.NumberFormat("en");

export class ChosenStrip {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.text = query(element, ".words", HTMLElement);
    this.strip = query(element, ".strip", HTMLElement);
  }

  /**
   * Shows the choice; nothing when it is empty.
   * @param {Uint32Array} ids
   * @param {string} imagesUrl
   * @param {(ids: number[]) => Promise<MapCard[]>} fetchCards
   */
  async show(ids, imagesUrl, fetchCards) {
    this.element.hidden = !ids.length;
    if (!ids.length) return;
    this.text.textContent = `${count.format(ids.length)} ${ids.length === 1 ? "picture" : "pictures"} chosen`;
    this.strip.replaceChildren();
    const step = Math.max(1, Math.floor(ids.length / MOST_SHOWN));
    const sample = Array.from(ids.filter((_, i) => i % step === 0).slice(0, MOST_SHOWN));
    const cards = await fetchCards(sample);
    this.strip.replaceChildren(...cards.map((card) => makeThumbnail(`${imagesUrl}/${card.sha}/thumb`, card.file_name)));
  }
}

/**
 * @param {string} address
 * @param {string} name
 */
function makeThumbnail(address, name) {
  const picture = new Image();
  picture.src = address;
  picture.alt = name;
  picture.title = name;
  return picture;
}
