/** Streamlit calls this when the component appears and whenever its data or the theme changes. */
/** @import { Component } from "../../types/streamlit.js" */
/** @import { MapData } from "./types.js" */
import { showInstance } from "../../instances.js";
import { PictureMap } from "./map.js";

/** @type {WeakMap<Node, PictureMap>} */
const maps = new WeakMap();

/** @param {Component<MapData>} component */
export default function show(component) {
  const root = component.parentElement.querySelector(".pictureMap");
  if (!(root instanceof HTMLElement)) return undefined;
  return showInstance(maps, root, component, () => new PictureMap(root));
}
