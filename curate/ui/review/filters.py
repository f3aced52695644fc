"""Which pictures the grid shows and in which order: the row above it. All of it stands in the address."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.review.listing.score_columns import has_doubts
from curate.review.listing.views import REVIEWED, SORTS, View
from curate.ui.rendering import formatting
from curate.ui.review import bulk, more_filters, saved_views, view_url
from curate.ui.review.view_url import EVERYTHING, ORDER, PAGE
from curate.ui.shell import query_params

__all__ = ["EVERYTHING", "PAGE", "ask"]

SPLITS = {"train": "Training", "valid": "Validation"}
ORDER_WIDTH = 200  # px; nearly the longest title, so that the filters beside it do not move
_IS_CHOSEN = "view_is_chosen"


def ask(project: ProjectSummary, run: RunRow) -> tuple[View, int]:
    """The chosen view and the number of pictures on a page."""
    labels = {label.id: formatting.shorten(label.name, 60) for label in projects.labels(project.id)}
    is_doubted = has_doubts(run.id)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        with st.container(width=ORDER_WIDTH):
            order = _choose_order(is_doubted)
        view = view_url.read(project.id, run.id, order, set(labels))
        _choose("split", "Any split", SPLITS, view, width=95)
        _choose("label_id", "Filed under any", labels, view, width=126)
        # Where a better guess is known, what the trained model took it for stands among the others.
        if is_doubted:
            _choose("suggested_id", "Suggested any", labels, view, width=126)
        else:
            _choose("predicted_id", "Taken for any", labels, view, width=126)
        _choose("reviewed", "Reviewed or not", REVIEWED, view, width=142)
        more_filters.offer(project, view, labels if is_doubted else {})
        size = saved_views.offer(project, view)
        bulk.offer(project, view, labels)
    more_filters.show_chips(view, labels, is_doubted)
    return view, size


def _choose_order(is_doubted: bool) -> str:
    """The way to look at the pictures that the address names; without one the most doubtful come first."""
    known = [name for name, order in SORTS.items() if is_doubted or not order.needs_doubts]
    # Who asks for the blurry ones wants the blurriest first, unless told otherwise.
    asked = query_params.read_text(ORDER, query_params.read_text("quality"))
    order = asked if asked in known else known[0]
    st.fragment(lambda: _show_orders(known, order))()
    return order


def _show_orders(known: list[str], order: str) -> None:
    """A list of all ways with a line on each, behind the name of the chosen one; a fragment, so that opening it
    draws nothing else anew."""

    def take() -> None:
        query_params.write(**{ORDER: st.session_state["order"], PAGE: None})
        st.session_state[_IS_CHOSEN] = True

    st.session_state["order"] = order
    chosen = SORTS[order]
    # With the order in its key, a choice replaces the popover. One that the server closes would open again at the next
    # click anywhere, and the rerun of that would overtake a click on a link (Streamlit 1.67).
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
            key="order",
            on_change=take,
            label_visibility="collapsed",
        )
    if st.session_state.pop(_IS_CHOSEN, False):
        st.rerun()


def _choose(name: str, label: str, options: Mapping[Any, str], view: View, width: int) -> None:
    """A filter that shows what the view asks and puts what is chosen into the address."""
    key = f"filter_{view_url.NAMES[name]}"
    asked = getattr(view, name)
    st.session_state[key] = asked if asked in options else None
    st.selectbox(
        label,
        list(options),
        index=None,
        format_func=lambda option: options[option],
        key=key,
        on_change=lambda: view_url.write(**{name: st.session_state[key]}),
        placeholder=label,
        label_visibility="collapsed",  # a row of fields that name themselves leaves the height to the pictures
        width=width,
    )
