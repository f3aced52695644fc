/**
 * While the connection is away Streamlit lays a dialog over the page that takes the keys, again and again. The bar says
 * the same, and decisions are kept here meanwhile, so the dialog is closed as it comes and deciding goes on.
 */
const TITLE = "Connection error"; // Streamlit has no other mark on it

export class ConnectionNotice {
  /** @param {() => void} onClosed is called once a dialog has released the focus */
  constructor(onClosed) {
    this.onClosed = onClosed;
    this.observer = new MutationObserver(() => this.closeAll());
    this.observer.observe(document.body, { childList: true }); // dialogs are put at its end
  }

  stop() {
    this.observer.disconnect();
  }

  closeAll() {
    for (const dialog of document.body.querySelectorAll(":scope > [data-testid='stDialog']")) {
      if (dialog.querySelector("h2")?.textContent !== TITLE) continue;
      const button = dialog.querySelector("button[aria-label='Close']");
      if (button instanceof HTMLElement) button.click();
      setTimeout(this.onClosed);
    }
  }
}
