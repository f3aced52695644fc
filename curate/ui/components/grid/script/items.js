/** @import { Card } from "../../types/python.js" */
/** @import { Item } from "./types.js" */

/**
 * Returns cards with the addresses of their pictures.
 * @param {Card[]} cards
 * @param {string} imagesUrl
 * @returns {Item[]}
 */
export function withAddresses(cards, imagesUrl) {
  return cards.map((card) => ({ ...card, thumb: `${imagesUrl}/${card.sha}/thumb`, view: `${imagesUrl}/${card.sha}/view` }));
}
