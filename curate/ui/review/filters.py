"""The row above the grid: its order and filters. The URL holds them."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.review.listing import decision_columns, score_columns
from curate.review.listing.filters import Context
from curate.review.listing.orders import SORTS
from curate.review.listing.score_columns import has_doubts
from curate.review.listing.views import FILTERS, View
from curate.ui.rendering import formatting
from curate.ui.review import bulk, more_filters, saved_views, view_url
from curate.ui.review.view_url import EVERYTHING, ORDER, PAGE
from curate.ui.shell import query_params

__all__ = ["EVERYTHING", "PAGE", "show_filters"]

ORDER_WIDTH = 200  # px; nearly the longest title, so that the filters beside it do not move
# On a phone the row scrolls sideways instead of taking three lines from the pictures.
_ONE_ROW = """
@media (max-width: 640px) {
  .st-key-filter_row { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none; }
  .st-key-filter_row > * { flex: 0 0 auto; }
}
"""
_IS_CHOSEN = "view_is_chosen"


def show_filters(project: ProjectSummary, run: RunRow) -> tuple[View, int]:
    """Show the row; returns the chosen view and the number of pictures per page."""
    labels = {label.id: formatting.shorten(label.name, 60) for label in projects.labels(project.id)}
    context = Context(project.id, labels, score_columns.of_run(run.id), decision_columns.of_run(run.id))
    is_doubted = has_doubts(run.id)
    st.html(f"<style>{_ONE_ROW}</style>")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key="filter_row"):
        with st.container(width=ORDER_WIDTH):
            order = _choose_order(is_doubted)
        view = view_url.read(project.id, run.id, order, set(labels))
        for name, entry in FILTERS.items():
            if entry.place_in(is_doubted) == "row" and entry.options:
                _choose(name, entry.options(context), view)
        more_filters.show_button(view, context, is_doubted)
        size = saved_views.show_button(project, view)
        bulk.show_button(project, view, labels, more_filters.describe(view, context))
    more_filters.show_chips(view, context, is_doubted)
    return view, size


def _choose_order(is_doubted: bool) -> str:
    """Show the choice of order; returns the one in the URL, else the most doubtful first."""
    known = [name for name, order in SORTS.items() if is_doubted or not order.needs_doubts]
    st.fragment(lambda: _show_orders(known))()
    return _order_in_url(known)


def _order_in_url(known: list[str]) -> str:
    # A filter by blur sorts by blur, unless the URL names another order.
    given = query_params.read_text(ORDER, query_params.read_text("quality"))
    return given if given in known else known[0]


def _show_orders(known: list[str]) -> None:
    """Show a popover with all orders and a line on each; a fragment, so that opening it redraws nothing else.

    It reads the order itself: Streamlit 1.67 may run the fragment of the page's last run but one.
    """
    order = _order_in_url(known)
    key = f"order_{order}"
    write = query_params.bind(key, ORDER, order, clears=(PAGE,))

    def on_change() -> None:
        write()
        st.session_state[_IS_CHOSEN] = True

    chosen = SORTS[order]
    # With the order in its key, a choice replaces the popover. One that the server closes would open again at the next
    # click anywhere, and the rerun of that would overtake a click on a link (Streamlit 1.67). So it does the radio
    # buttons: those of before, still at the old choice in the browser, took it back at the next click.
    with st.popover(
        chosen.title,
        help=chosen.help,
        icon=":material/sort:",
        key=f"view_chooser_{order}",
        on_change="rerun",
        width="stretch",
    ):
        st.radio(
            "Which pictures, in which order",
            known,
            format_func=lambda name: SORTS[name].title,
            captions=[SORTS[name].help for name in known],
            key=key,
            on_change=on_change,
            label_visibility="collapsed",
        )
    if st.session_state.pop(_IS_CHOSEN, False):
        st.rerun()


def _choose(name: str, options: Mapping[Any, str], view: View) -> None:
    """Show a filter in the row with the view's value; a choice is written to the URL."""
    entry, key = FILTERS[name], f"filter_{FILTERS[name].address}"
    value = getattr(view, name)
    st.session_state[key] = value if value in options else None
    st.selectbox(
        entry.label,
        list(options),
        index=None,
        format_func=lambda option: options[option],
        key=key,
        on_change=lambda: view_url.write(**{name: st.session_state[key]}),
        placeholder=entry.empty if entry.empty != "Any" else f"Any {entry.label.lower()}",
        label_visibility="collapsed",  # placeholders name the fields, which leaves more height for the pictures
        width=entry.width,
    )
