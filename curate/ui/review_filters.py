"""Which pictures the grid shows and in which order; all of it stands in the address."""

from collections.abc import Mapping

import streamlit as st

from curate.catalog import projects, quality
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.quality.issues import ISSUES
from curate.review.columns import has_doubts
from curate.review.views import REVIEWED, SORTS, View
from curate.ui import run_choice, words

SIZES = (24, 48, 96, 200)
PAGE = "page"  # in the address, from 1
SPLITS = {"train": "Training", "valid": "Validation"}
EVERYTHING = "any"  # how the address says that the filter for what is reviewed is off
ORDER = "sort"
ORDER_WIDTH = 210  # px; the longest title, so that the filters beside it do not move
_IS_OPEN, _IS_CHOSEN = "view_chooser", "view_is_chosen"


def ask(project: ProjectSummary, run: RunRow) -> tuple[View, int]:
    """The chosen view and the number of pictures on a page."""
    labels = {str(label.id): words.shorten(label.name, 60) for label in projects.labels(project.id)}
    is_doubted = has_doubts(run.id)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        with st.container(width=ORDER_WIDTH):
            order = _choose_order(is_doubted)
        view = View(
            run_id=run.id,
            sort=order,
            split=_choose("split", "Any split", SPLITS, width=100),
            label_id=_number(_choose("label", "Filed under any", labels, width=130)),
            # Where a better guess is known, one filter less: what the trained model took it for is asked by Evaluate.
            predicted_id=None
            if is_doubted and "predicted" not in st.query_params
            else _number(_choose("predicted", "Taken for any", labels, width=130)),
            suggested_id=_number(_choose("suggested", "Suggested any", labels, width=130)) if is_doubted else None,
            quality=_choose("quality", "Any quality", _issues(project), width=125),
            reviewed=_choose("reviewed", "Reviewed or not", REVIEWED, default="no", width=158),
        )
        size = _choose("size", "Pictures a page", {str(n): f"{n} a page" for n in SIZES}, default="48", width=105)
    return view, int(size or 48)


def _choose_order(is_doubted: bool) -> str:
    """The way to look at the pictures that the address names; without one the most doubtful come first."""
    known = [name for name, order in SORTS.items() if is_doubted or not order.needs_doubts]
    # Who asks for the blurry ones wants the blurriest first, unless told otherwise.
    asked = st.query_params.get(ORDER, st.query_params.get("quality"))
    order = asked if asked in known else known[0]
    st.fragment(lambda: _show_orders(known, order))()
    return order


def _show_orders(known: list[str], order: str) -> None:
    """A list of all ways with a line on each, behind the name of the chosen one; a fragment, so that opening it
    draws nothing else anew."""

    def take() -> None:
        run_choice.write(**{ORDER: st.session_state["order"], PAGE: None})
        st.session_state[_IS_OPEN], st.session_state[_IS_CHOSEN] = False, True

    st.session_state["order"] = order
    chosen = SORTS[order]
    with st.popover(
        chosen.title, help=chosen.help, icon=":material/sort:", key=_IS_OPEN, on_change="rerun", width="stretch"
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


def _issues(project: ProjectSummary) -> dict[str, str]:
    """What can be wrong with a picture itself, with how many of the project have it."""
    counts = quality.state(project.id).counts
    return {name: f"{issue.title} ({counts.get(name, 0):,})" for name, issue in ISSUES.items()}


def show_everything() -> None:
    """Take all filters off."""
    run_choice.write(
        **dict.fromkeys(("split", "label", "predicted", "suggested", "quality", PAGE)), reviewed=EVERYTHING
    )


def _choose(
    name: str, label: str, options: Mapping[str, str], default: str | None = None, width: int = 150
) -> str | None:
    """The option that the address gives under `name`, or chosen here and then put there; `any` = no filter."""
    given = st.query_params.get(name, default)
    key = f"filter_{name}"
    is_filter = default is None or name == "reviewed"
    st.session_state[key] = given if given in options else (None if is_filter else default)

    def write() -> None:
        chosen = st.session_state[key]
        off = EVERYTHING if name == "reviewed" else None
        run_choice.write(**{name: chosen if chosen is not None else off, PAGE: None})

    st.selectbox(
        label,
        list(options),
        index=None if is_filter else 0,
        format_func=lambda option: options[option],
        key=key,
        on_change=write,
        placeholder=label,
        label_visibility="collapsed",  # a row of fields that name themselves leaves the height to the pictures
        width=width,
    )
    return st.session_state[key]


def _number(chosen: str | None) -> int | None:
    return int(chosen) if chosen else None
