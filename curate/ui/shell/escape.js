// Escape closes an open list, or leaves the field: Streamlit's select boxes would take back what is chosen in them.
if (!window.curateKeepsChoices) {
  window.curateKeepsChoices = true;
  const leave = (event) => {
    const box = event.key === "Escape" && event.isTrusted && event.target.closest?.('[data-testid="stSelectbox"]');
    if (!box) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const isListOpen = event.target.getAttribute("aria-expanded") === "true";
    event.target.blur(); // closes the list, and drops what was typed to search it
    // With no list open the key is meant for the menu or dialog around the field.
    if (!isListOpen) box.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  };
  window.addEventListener("keydown", leave, true);
}
