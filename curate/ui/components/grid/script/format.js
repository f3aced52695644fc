/** Numbers as people read them. */

const NO_BREAK = "\u202f";

/**
 * Returns a probability in whole per cent, with one decimal under 1 and over 99; "" = unknown.
 * @param {number | null | undefined} probability
 */
export function percent(probability) {
  if (probability === null || probability === undefined) return "";
  const value = probability * 100;
  if (value > 0 && value < 0.05) return `<${NO_BREAK}0.1${NO_BREAK}%`;
  if (value < 100 && value >= 99.95) return `>${NO_BREAK}99.9${NO_BREAK}%`;
  const needsDecimal = (value > 0 && value < 1) || (value > 99 && value < 100);
  return `${value.toFixed(needsDecimal ? 1 : 0)}${NO_BREAK}%`;
}

/**
 * Returns a loss with as many digits as help to compare: 0.034, 4.82, 12.5; "" = unknown.
 * @param {number | null | undefined} loss
 */
export function lossText(loss) {
  if (loss === null || loss === undefined) return "";
  if (loss >= 10) return loss.toFixed(1);
  return loss.toFixed(loss < 0.1 ? 3 : 2);
}

/**
 * Returns a count with thousands separators.
 * @param {number} number
 */
export function count(number) {
  return number.toLocaleString("en");
}

/**
 * Returns "1 picture", "12 pictures".
 * @param {number} number
 */
export function pictures(number) {
  return `${count(number)} ${number === 1 ? "picture" : "pictures"}`;
}
