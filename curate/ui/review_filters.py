"""Which pictures the grid shows and in which order; all of it stands in the address."""

from collections.abc import Mapping

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.review.pages import REVIEWED, SORTS, View
from curate.ui import run_choice, words

SIZES = (24, 48, 96, 200)
PAGE = "page"  # in the address, from 1
SPLITS = {"train": "Training", "valid": "Validation"}
EVERYTHING = "any"  # how the address says that the filter for what is reviewed is off


def ask(project: ProjectSummary, run: RunRow) -> tuple[View, int]:
    """The chosen view and the number of pictures on a page."""
    labels = {str(label.id): words.shorten(label.name, 60) for label in projects.labels(project.id)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        view = View(
            run_id=run.id,
            sort=_choose("sort", "Order", SORTS, default="loss", width=210) or "loss",
            split=_choose("split", "Any split", SPLITS, width=115),
            label_id=_number(_choose("label", "Filed under any", labels, width=150)),
            predicted_id=_number(_choose("predicted", "Taken for any", labels, width=145)),
            reviewed=_choose("reviewed", "Reviewed or not", REVIEWED, default="no", width=170),
        )
        size = _choose("size", "Pictures a page", {str(n): f"{n} a page" for n in SIZES}, default="48", width=120)
    return view, int(size or 48)


def show_everything() -> None:
    """Take all filters off."""
    run_choice.write(**dict.fromkeys(("split", "label", "predicted", PAGE)), reviewed=EVERYTHING)


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
