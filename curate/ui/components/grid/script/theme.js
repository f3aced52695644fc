/**
 * Marks the grid as dark or light, as Streamlit's theme is, and says how much of the page Streamlit's header covers:
 * what sticks to the top must stick below it.
 * @param {HTMLElement} root
 */
export function showTheme(root) {
  const header = document.querySelector("[data-testid='stHeader']");
  root.dataset.theme = isDark(root) ? "dark" : "light";
  root.style.setProperty("--bar-top", `${header instanceof HTMLElement ? header.offsetHeight : 0}px`);
}

/**
 * Whether the theme's background is darker than middle grey.
 * @param {HTMLElement} root
 */
function isDark(root) {
  const probe = document.createElement("canvas").getContext("2d");
  if (!probe) return false;
  probe.fillStyle = getComputedStyle(root).getPropertyValue("--st-background-color").trim() || "#fff";
  const [red, green, blue] = (probe.fillStyle.match(/[0-9a-f]{2}/gi) ?? []).map((pair) => parseInt(pair, 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
