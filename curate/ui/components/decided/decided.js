/** Reports to Python that the server has stored decisions of this tab; `outbox.js` sends the event. */
/** @import { Component } from "../types/streamlit.js" */

/** @param {Component<{pause_ms: number}>} component */
export default function listen({ data, setTriggerValue }) {
  let timer = 0;
  const report = () => {
    clearTimeout(timer); // of several decisions in a row only the last is reported
    timer = setTimeout(() => setTriggerValue("decided", Date.now()), data.pause_ms);
  };
  window.addEventListener("curate:decided", report);
  return () => {
    clearTimeout(timer);
    window.removeEventListener("curate:decided", report);
  };
}
