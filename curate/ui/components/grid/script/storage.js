/** Values in the browser's storage, as JSON. Private windows may refuse storage; values then last as long as the page. */

/**
 * Returns what is stored under a key; null when nothing is, or nothing that can be read.
 * @param {string} key
 * @returns {unknown}
 */
export function readStored(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {unknown} value
 */
export function store(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Refused, or full.
  }
}

/** @param {string} key */
export function removeStored(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Refused: there is nothing to remove.
  }
}

/**
 * Returns the keys that begin so.
 * @param {string} prefix
 */
export function storedKeys(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

/**
 * Returns a stored object's fields, none when something else is stored.
 * @param {string} key
 * @returns {Record<string, unknown>}
 */
export function readStoredFields(key) {
  const value = readStored(key);
  return typeof value === "object" && value !== null ? { ...value } : {};
}
