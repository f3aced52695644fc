/** Streamlit calls this when the component appears and whenever its data or the theme changes. */
import { PictureMap } from "./map.js";

const maps = new WeakMap();

export default function show(component) {
  const { parentElement } = component;
  const root = parentElement.querySelector(".pictureMap");
  if (!root) return undefined;
  if (maps.get(parentElement)?.root !== root) {
    maps.get(parentElement)?.destroy();
    maps.set(parentElement, new PictureMap(root));
  }
  maps.get(parentElement).update(component);
  // Of two updates that come together Streamlit cleans up after the first and shows the same elements again at once.
  return () => setTimeout(() => root.isConnected || leave(parentElement, root));
}

function leave(parentElement, root) {
  if (maps.get(parentElement)?.root !== root) return;
  maps.get(parentElement).destroy();
  maps.delete(parentElement);
}
