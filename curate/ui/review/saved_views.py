"""The popover of saved views, which everybody in the project shares, and of the page size."""

import streamlit as st

from curate import whole_number
from curate.catalog.projects import ProjectSummary
from curate.errors import BadInput
from curate.review.listing import saved_views
from curate.review.listing.saved_views import SavedRow
from curate.review.listing.views import View
from curate.ui.rendering import formatting
from curate.ui.review import view_url
from curate.ui.shell import cookies, guards, identity, navigation, query_params

SIZES = (24, 48, 96, 200)
_SIZE = "page_size"  # the name of the cookie
_NAME = "saved_view_name"


def show_button(project: ProjectSummary, view: View) -> int:
    """Show the popover with saved views, a form to save this one, and the page size; returns the page size."""
    rows = saved_views.list_views(project.id)
    shown = next((row for row in rows if _of_run(row, view.run_id) == view), None)
    title = formatting.plain(formatting.shorten(shown.name, 24)) if shown else "Views"
    with st.popover(title, key="saved_views", help="Filters kept under a name"):
        if not rows:
            st.caption("Keep filters that you come back to; everybody in the project sees them.")
        for row in rows:
            _show_row(project, row, view.run_id)
        _show_name_form(project, view)
        navigation.link("team", "Review these with others", view_url.of(view))
        return _choose_size()


def _show_row(project: ProjectSummary, row: SavedRow, run_id: int) -> None:
    view = _of_run(row, run_id)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.button(
            formatting.plain(row.name, 60),
            key=f"saved_{row.id}",
            help=formatting.plain(f"Kept by {row.author}, {formatting.ago(row.created_at)}", 200),
            disabled=view is None,
            width="stretch",
            on_click=view_url.put,
            args=(view,),
        )
        with guards.shown_errors():
            if st.button(
                "", key=f"forget_{row.id}", icon=":material/delete:", help="Remove this name", type="tertiary"
            ):
                saved_views.remove(project.id, row.id)
                st.rerun()


def _show_name_form(project: ProjectSummary, view: View) -> None:
    with st.form("keep_view", border=False, clear_on_submit=True):
        st.text_input("Keep these filters as", key=_NAME, max_chars=80, placeholder="Such as Doubtful CC0 cats")
        if st.form_submit_button("Keep", icon=":material/bookmark_add:"):
            with guards.shown_errors():
                saved_views.keep(project.id, st.session_state[_NAME], view, identity.reviewer())
                st.rerun()


def _of_run(row: SavedRow, run_id: int) -> View | None:
    """Returns the view of that run; None for a view that another version of the program saved."""
    try:
        return row.of_run(run_id)
    except BadInput:
        return None


def _choose_size() -> int:
    """Show the choice of page size; returns the size in the URL, else the one in the browser's cookie."""
    given = query_params.read_number("size") or whole_number.parse(cookies.recall(_SIZE) or "")
    size = given if given in SIZES else 48
    st.session_state["filter_size"] = size

    def write() -> None:
        chosen = st.session_state["filter_size"] or size
        cookies.remember(_SIZE, str(chosen))
        query_params.write(size=chosen, **{view_url.PAGE: None})

    st.segmented_control("Pictures a page", SIZES, key="filter_size", on_change=write)
    return size
