// Ctrl-Z presses the undo button that the page marks (undo_key.py), except where it undoes what is being typed.
if (!window.curateUndoesByKey) {
  window.curateUndoesByKey = true;
  const POLL_MS = 50;
  const START_MS = 300; // after a click, until the page says that it runs
  let waiting = 0; // presses whose button was not pressed yet

  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const isRunning = () => !document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]');
  const isTyping = (event) => {
    const target = event.composedPath()[0];
    return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
  };
  const isUndo = (event) =>
    (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z";

  // While the page runs, the mark is where it was before: wait for the one that comes.
  const pressAll = async () => {
    for (; waiting; waiting--) {
      while (isRunning()) await pause(POLL_MS);
      document.querySelector(".st-key-undo_by_key button")?.click();
      await pause(START_MS);
    }
  };

  window.addEventListener("keydown", (event) => {
    if (!isUndo(event) || !event.isTrusted || event.defaultPrevented || isTyping(event)) return;
    if (!document.querySelector(".st-key-undo_by_key button")) return;
    event.preventDefault();
    waiting += 1;
    if (waiting === 1) pressAll();
  });
}
