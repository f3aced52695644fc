// Ctrl-Z presses the undo button that the page marks (undo_key.py), except where it undoes what is being typed.
if (!document.documentElement.dataset.curateUndoesByKey) {
  document.documentElement.dataset.curateUndoesByKey = "yes";
  const POLL_MS = 50;
  const START_MS = 300; // after a click, until the page says that it runs
  let waiting = 0; // presses whose button was not pressed yet

  const pause = (/** @type {number} */ milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  /** @returns {HTMLButtonElement | null} */
  const findButton = () => document.querySelector(".st-key-undo_by_key button");
  const isRunning = () => !document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]');
  /** @param {KeyboardEvent} event */
  const isTyping = (event) => {
    const [target] = event.composedPath();
    if (!(target instanceof HTMLElement)) return false;
    return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
  };
  /** @param {KeyboardEvent} event */
  const isUndo = (event) =>
    (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z";

  // While the page runs, the mark is where it was before: wait for the one that comes.
  const pressAll = async () => {
    for (; waiting; waiting--) {
      while (isRunning()) await pause(POLL_MS);
      findButton()?.click();
      await pause(START_MS);
    }
  };

  window.addEventListener("keydown", (event) => {
    if (!isUndo(event) || !event.isTrusted || event.defaultPrevented || isTyping(event)) return;
    if (!findButton()) return;
    event.preventDefault();
    waiting += 1;
    if (waiting === 1) pressAll();
  });
}
