// Escape closes an open list, or leaves the field. Streamlit's select boxes would clear their choice instead.
if (!document.documentElement.dataset.curateKeepsChoices) {
  document.documentElement.dataset.curateKeepsChoices = "yes";
  /** @param {KeyboardEvent} event */
  const leaveField = (event) => {
    const field = event.target;
    if (event.key !== "Escape" || !event.isTrusted || !(field instanceof HTMLElement)) return;
    const box = field.closest('[data-testid="stSelectbox"]');
    if (!box) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const isListOpen = field.getAttribute("aria-expanded") === "true";
    field.blur(); // closes the list, and drops what was typed to search it
    // With no list open the key is meant for the menu or dialog around the field.
    if (!isListOpen) box.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  };
  window.addEventListener("keydown", leaveField, true);
}
