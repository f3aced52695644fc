/** The card beside the pointer, which shows the picture that a point stands for. */
/** @import { MapCard, Place, Size } from "./types.js" */
import { make } from "../../elements.js";
import { PictureCard } from "../../picture_card.js";

const BESIDE_PX = 14;
const EDGE_PX = 6;

export class PointedCard extends PictureCard {
  /** @param {HTMLElement} element */
  constructor(element) {
    super(element);
    this.name = make("b");
    this.doubt = make("span", "doubt");
    element.replaceChildren(this.frame, this.name, this.names, this.doubt);
  }

  hide() {
    this.element.hidden = true;
  }

  /**
   * @param {MapCard} card
   * @param {string} imagesUrl
   * @param {{name: string, colour: string}} label
   * @param {number | null} doubt in [0, 1]
   */
  show(card, imagesUrl, label, doubt) {
    this.showPicture(`${imagesUrl}/${card.sha}/thumb`);
    this.name.textContent = card.file_name;
    this.showLabels(label, null);
    this.doubt.textContent = doubt === null ? "" : `doubt ${doubt.toFixed(2)}`;
    this.element.hidden = false;
  }

  /**
   * @param {Place} at the pointer
   * @param {Size} field in which the card has to stay
   */
  placeBeside(at, field) {
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const hasRoom = at.x + width + 20 <= field.width;
    const x = hasRoom ? at.x + BESIDE_PX : at.x - width - BESIDE_PX;
    const y = Math.max(EDGE_PX, Math.min(field.height - height - EDGE_PX, at.y - height / 2));
    this.element.style.transform = `translate(${x}px, ${y}px)`;
  }
}
