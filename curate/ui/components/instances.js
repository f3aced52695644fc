/** @import { Component } from "./types/streamlit.js" */

/**
 * Hands Streamlit's call to the object that lives at `root`, which is made at the first call. Returns what Streamlit
 * calls when the component goes.
 * @template Data
 * @template {{root: HTMLElement, update(component: Component<Data>): void, destroy(): void}} Instance
 * @param {WeakMap<Node, Instance>} instances by the element that holds the component
 * @param {HTMLElement} root
 * @param {Component<Data>} component
 * @param {() => Instance} create
 */
export function showInstance(instances, root, component, create) {
  const { parentElement } = component;
  let instance = instances.get(parentElement);
  if (instance?.root !== root) {
    instance?.destroy();
    instance = create();
    instances.set(parentElement, instance);
  }
  instance.update(component);
  const remove = () => {
    if (root.isConnected || instances.get(parentElement) !== instance) return;
    instance.destroy();
    instances.delete(parentElement);
  };
  // Of two updates that come together Streamlit cleans up after the first and shows the same elements again at once.
  return () => setTimeout(remove);
}
