/** Streamlit calls this when the component appears and whenever its data or the theme changes. */
/** @import { Component } from "../../types/streamlit.js" */
/** @import { GridData } from "./types.js" */
import { showInstance } from "../../instances.js";
import { Grid } from "./grid.js";

/** @type {WeakMap<Node, Grid>} */
const grids = new WeakMap();

/** @param {Component<GridData>} component */
export default function show(component) {
  const root = component.parentElement.querySelector(".curateGrid");
  if (!(root instanceof HTMLElement)) return undefined;
  return showInstance(grids, root, component, () => new Grid(root, component));
}
