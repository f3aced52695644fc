/** Numbers as people read them. */

const NO_BREAK = "\u202f";

/** A probability as whole per cents; one decimal under 1 and over 99. */
export function percent(probability) {
  if (probability === null || probability === undefined) return "";
  const value = probability * 100;
  if (value > 0 && value < 0.05) return `<${NO_BREAK}0.1${NO_BREAK}%`;
  if (value < 100 && value >= 99.95) return `>${NO_BREAK}99.9${NO_BREAK}%`;
  const needsDecimal = (value > 0 && value < 1) || (value > 99 && value < 100);
  return `${value.toFixed(needsDecimal ? 1 : 0)}${NO_BREAK}%`;
}

/** A loss with as many digits as help to compare: 0.034, 4.82, 12.5. */
export function lossWords(loss) {
  if (loss === null || loss === undefined) return "";
  if (loss >= 10) return loss.toFixed(1);
  return loss.toFixed(loss < 0.1 ? 3 : 2);
}

/** A count with thousands separators. */
export function count(number) {
  return number.toLocaleString("en");
}

/** "1 picture", "12 pictures". */
export function pictures(number) {
  return `${count(number)} ${number === 1 ? "picture" : "pictures"}`;
}
