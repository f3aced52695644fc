// Where the sidebar covers the page, a tap on a page's link closes it. Streamlit does so for its own navigation only.
if (!document.documentElement.dataset.curateClosesSidebar) {
  document.documentElement.dataset.curateClosesSidebar = "yes";
  document.addEventListener("click", ({ target }) => {
    const selector = '[data-testid="stSidebar"] [data-testid="stPageLink-NavLink"]';
    if (window.innerWidth > 768 || !(target instanceof Element) || !target.closest(selector)) return;
    setTimeout(() => {
      const button = document.querySelector('[data-testid="stSidebarCollapseButton"] button');
      if (button instanceof HTMLElement) button.click();
    });
  });
}
