/** What Streamlit passes to the function that a component's script exports, on every run of the page. */
export interface Component<Data> {
  data: Data;
  /** Holds the component's HTML, under a shadow root. */
  parentElement: HTMLElement | ShadowRoot;
  /** Sends a value to Python, where it stands for one run. */
  setTriggerValue(name: string, value: unknown): void;
}
