"""The confusion matrix of a run; a click on a cell, a total or the corner chooses its pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from curate import evaluation, settings
from curate.evaluation import per_cent, pictures
from curate.evaluation.label_order import ORDERS
from curate.evaluation.levels import Levels, arrange
from curate.review.reports.evaluated import Evaluated
from curate.review.reports.label_groups import label_groups
from curate.ui import charts
from curate.ui.charts import TOTAL, Style
from curate.ui.charts.confusion_matrix import FRAMED_UP_TO
from curate.ui.evaluate import choice as choices
from curate.ui.evaluate.choice import ALL, Choice
from curate.ui.evaluate.label_groups import FOLD, edit_label_groups
from curate.ui.rendering import formatting
from curate.ui.shell import query_params

MODES = {"counts": "Pictures", "share": "Per actual", "predicted": "Per predicted"}
MOST = (10, 20, 30, 40, 60, 100)  # labels to show at once
USUAL_MOST, WHOLE_UP_TO = 30, 40  # of many labels without a choice; so many labels are all shown
MOST_PAIRS = 60  # in the list above the pictures
MATRIX, PAIR = "matrix", "pair"  # keys of widgets
_HINT = "Click a cell, a total or the corner to see its pictures. Wrong ones are orange; the grey diagonal is right."
_ZOOM = " Drag to enlarge a part, double-click to see all."


@dataclass(frozen=True)
class Options:
    """How the matrix is shown; see `charts.Style` and `levels.arrange`.  folds: labels fold into their groups."""

    mode: str = "counts"
    order: str = "given"
    most: int = WHOLE_UP_TO
    errors_only: bool = False
    is_log: bool = False
    folds: bool = False


def read_options(evaluated: Evaluated) -> Options:
    """Returns the options in the address."""
    n = len(evaluated.labels)
    usual = WHOLE_UP_TO if n <= WHOLE_UP_TO else USUAL_MOST
    return Options(
        query_params.read_option("numbers", MODES, "counts"),
        query_params.read_option("order", ORDERS, "given"),
        query_params.read_option("most", MOST, usual),
        query_params.read_text("hide") == "right",
        query_params.read_text("colours") == "log",
        query_params.read_text(FOLD) == "groups",
    )


def find_levels(evaluated: Evaluated, options: Options) -> Levels:
    """Returns the rows and columns of the matrix."""
    label_ids = [label.id for label in evaluated.labels]
    groups = label_groups(evaluated.run.project_id) if options.folds else {}
    return arrange(evaluated.counts, evaluated.names, label_ids, options.order, options.most, groups)


def show_matrix(evaluated: Evaluated, levels: Levels, options: Options, choice: Choice) -> None:
    """Show the matrix; a click writes what it chooses to the address."""
    _choose_options(evaluated, options)
    figure = _figure(
        settings.database_url(), evaluated.run.id, evaluated.split, evaluated.source, evaluated.version_id, levels,
        options, _selected(levels, choice) if len(levels.keys) <= FRAMED_UP_TO else None, evaluated,
    )  # fmt: skip
    alt = f"Confusion matrix of {evaluated.run.name}: {describe_worst(evaluated)}"
    # A callback, not the value given back: the value stays what it was when another cell is chosen from the list.
    charts.show(
        figure,
        key=MATRIX,
        alt=alt,
        on_select=lambda: _take_click(levels, options),
        selection_mode="points",
        width=700,
    )
    other = f" “(other)” holds {levels.n_other:,} labels." if levels.n_other else ""
    st.caption(_HINT + other + (_ZOOM if _can_zoom(levels) else ""))


def read_click(cell: tuple[int, int] | None, levels: Levels, errors_only: bool) -> Choice | None:
    """Returns what a click on a cell of the drawn matrix chooses; None for no cell."""
    if cell is None:
        return None
    actual, predicted = ("" if place == TOTAL else levels.keys[place] for place in cell)
    outcome = "wrong" if errors_only else "right" if cell == (TOTAL, TOTAL) else ""
    return Choice(actual, predicted, "" if actual and predicted else outcome)


def choose_pair(evaluated: Evaluated, levels: Levels, choice: Choice) -> None:
    """Show the largest errors by name: the matrix's choice for the keyboard."""
    counts = {ALL: evaluated.n, Choice(outcome="wrong"): int(evaluated.is_wrong.sum())}
    counts |= _pairs(evaluated.counts, levels)
    if choice not in counts:
        counts[choice] = int(choices.find_pictures(evaluated, levels, choice).sum())
    st.session_state[PAIR] = choice
    st.selectbox(
        "Which pictures",
        list(counts),
        format_func=lambda option: f"{choices.describe(option, levels)} · {counts[option]:,}",
        key=PAIR,
        on_change=lambda: choices.write(st.session_state[PAIR]),
    )


def describe_worst(evaluated: Evaluated) -> str:
    """Returns a sentence on the largest confusions. Plain text."""
    n, n_wrong = evaluated.n, int(evaluated.is_wrong.sum())
    if not n:
        return "There are no pictures in this part of the data."
    if not n_wrong:
        return f"It is right about every one of {pictures(n)}." if n > 1 else "It is right about the one picture."
    worst = evaluation.most_confused(evaluated.counts, evaluated.names, 1).iloc[0]
    label, predicted = (
        formatting.isolated(formatting.shorten(worst[name], 60)) for name in ("label", "predicted_label")
    )
    was = "was" if worst["pictures"] == 1 else "were"
    return (
        f"Mixed up most: {pictures(int(worst['pictures']))} labelled {label} {was} predicted as {predicted} "
        f"({per_cent(float(worst['share']))} of {label})."
    )


# Drawing takes as long as the rest of the page. All arguments but the last are the key.
@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Levels: hash, Options: hash})
def _figure(
    database: str, run_id: int, split: str, source: str, version_id: int, levels: Levels, options: Options,
    selected: tuple[int, int] | None, _evaluated: Evaluated,
) -> go.Figure:  # fmt: skip
    style = Style(
        options.mode,  # type: ignore[arg-type]
        options.is_log,
        options.errors_only,
        has_totals=True,
        most=len(levels.keys),
        can_zoom=_can_zoom(levels),
    )
    return charts.confusion_figure(levels.fold(_evaluated.counts), levels.names, style, selected)


def _can_zoom(levels: Levels) -> bool:
    return len(levels.keys) > MOST[1]


def _take_click(levels: Levels, options: Options) -> None:
    clicked = read_click(charts.read_cell(st.session_state[MATRIX]), levels, options.errors_only)
    if clicked is not None:  # None: a second click, or the figure was drawn anew
        choices.write(clicked)


def _selected(levels: Levels, choice: Choice) -> tuple[int, int] | None:
    """Returns the framed cell of the matrix; None when the choice is none of its cells."""
    if not choice.is_of_matrix or (choice.outcome == "wrong" and not (choice.actual or choice.predicted)):
        return None
    keys = choice.actual, choice.predicted
    if any(key and key not in levels.places for key in keys):
        return None
    actual, predicted = (levels.places.get(key, TOTAL) for key in keys)
    return actual, predicted


def _pairs(counts: np.ndarray, levels: Levels) -> dict[Choice, int]:
    table = evaluation.most_confused(levels.fold(counts), levels.names, MOST_PAIRS)
    rows = zip(table["actual"].tolist(), table["predicted"].tolist(), table["pictures"].tolist(), strict=True)
    return {Choice(levels.keys[actual], levels.keys[predicted]): n for actual, predicted, n in rows}


def _choose_options(evaluated: Evaluated, options: Options) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "Numbers in the matrix", list(MODES), format_func=MODES.__getitem__, required=True, key="matrix_mode",
            label_visibility="collapsed", on_change=query_params.bind("matrix_mode", "numbers", options.mode),
        )  # fmt: skip
        with st.popover("View", icon=":material/tune:", key="matrix_view"):
            _choose("Order of the labels", list(ORDERS), ORDERS.__getitem__, "matrix_order", "order", options.order)
            if len(evaluated.labels) > MOST[0]:
                n = len(evaluated.labels)
                sizes = [size for place, size in enumerate(MOST) if not place or MOST[place - 1] < n]
                _choose(
                    "Labels shown", sizes, lambda size: _size_in_words(size, n), "matrix_most", "most", options.most
                )
            _switch("Errors only", "matrix_errors", options.errors_only, hide="right")
            _switch("Logarithmic colours", "matrix_log", options.is_log, colours="log")
            project_id = evaluated.run.project_id
            if label_groups(project_id):
                _switch("Fold into groups", "matrix_fold", options.folds, **{FOLD: "groups"})
        # Not in the popover: the first click in the dialog's table would only close that.
        if st.button("Label groups…", key="edit_groups", type="tertiary"):
            edit_label_groups(project_id)


def _size_in_words(size: int, n: int) -> str:
    return "All" if size >= n else f"The {size} most confused"


def _choose(
    label: str, options: Sequence[Any], write: Callable[[Any], str], key: str, name: str, value: object
) -> None:
    st.selectbox(label, options, format_func=write, key=key, on_change=query_params.bind(key, name, value))


def _switch(label: str, key: str, is_on: bool, **address: str) -> None:
    """Show a toggle that puts `address` into the address while it is on."""
    st.session_state[key] = is_on
    ((name, text),) = address.items()
    st.toggle(label, key=key, on_change=lambda: query_params.write(**{name: text if st.session_state[key] else None}))
