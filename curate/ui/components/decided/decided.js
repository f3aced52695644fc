/** Reports to Python that the server has taken decisions of this tab (`outbox.js` sends the event). */
export default function listen({ data, setTriggerValue }) {
  let timer;
  const wait = () => {
    clearTimeout(timer); // of many decisions in a row only the last one counts
    timer = setTimeout(() => setTriggerValue("decided", Date.now()), data.pause_ms);
  };
  window.addEventListener("curate:decided", wait);
  return () => {
    clearTimeout(timer);
    window.removeEventListener("curate:decided", wait);
  };
}
