/** Streamlit calls this when the component appears and whenever its data or the theme changes. */
import { Grid } from "./grid.js";

const grids = new WeakMap();

export default function show(component) {
  const { parentElement } = component;
  const root = parentElement.querySelector(".curateGrid");
  if (!root) return undefined;
  if (grids.get(parentElement)?.root !== root) {
    grids.get(parentElement)?.destroy();
    grids.set(parentElement, new Grid(root));
  }
  root.dataset.theme = isDark(root) ? "dark" : "light";
  root.style.setProperty("--bar-top", `${headerHeight()}px`);
  grids.get(parentElement).update(component);
  // Of two updates that come together Streamlit cleans up after the first and shows the same elements again at once.
  return () => setTimeout(() => root.isConnected || leave(parentElement, root));
}

function leave(parentElement, root) {
  if (grids.get(parentElement)?.root !== root) return;
  grids.get(parentElement).destroy();
  grids.delete(parentElement);
}

/** Streamlit's header lies over the top of the page: what sticks to the top must stick below it. */
function headerHeight() {
  return document.querySelector("[data-testid='stHeader']")?.offsetHeight ?? 0;
}

/** Whether the theme's background is darker than middle grey. */
function isDark(root) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = getComputedStyle(root).getPropertyValue("--st-background-color").trim() || "#fff";
  const [red, green, blue] = probe.fillStyle.match(/[0-9a-f]{2}/gi).map((pair) => parseInt(pair, 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
