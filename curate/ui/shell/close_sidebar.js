// Where the sidebar covers the page, a tap on a page's link closes it. Streamlit does so for its own navigation only.
if (!window.curateClosesSidebar) {
  window.curateClosesSidebar = true;
  document.addEventListener("click", (event) => {
    const link = event.target.closest('[data-testid="stSidebar"] [data-testid="stPageLink-NavLink"]');
    if (!link || window.innerWidth > 768) return;
    setTimeout(() => document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click());
  });
}
