"""Precision, recall and F1 of each label with their intervals; a click on a number shows its pictures."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from curate.evaluation import Interval, per_cent
from curate.evaluation.label_figures import FEWEST, LabelFigures, label_figures
from curate.evaluation.words import MISSING
from curate.review.reports.evaluated import Evaluated
from curate.ui.evaluate import choice as choices
from curate.ui.evaluate.choice import Choice
from curate.ui.rendering import formatting

_TABLE = "label_figures"
_HELP = {
    "Precision": "Of the pictures with this predicted label, the share that has the label; with its 95 % interval.",
    "Recall": "Of the pictures with this label, the share whose predicted label it is; with its 95 % interval.",
    "F1": "The harmonic mean of precision and recall: low when either is; with its 95 % interval.",
    "Pictures": "Pictures with the label.",
    "Predicted": "Pictures with this predicted label.",
}
_OF_COLUMN = ("Precision", "Predicted")  # they are about the pictures with the predicted label


def show_label_table(evaluated: Evaluated) -> None:
    """Show the table; a click on a cell chooses the label's pictures, or those predicted as it."""
    rows = label_figures(evaluated.counts, evaluated.names)
    st.dataframe(
        _table(rows),
        hide_index=True,
        column_config={
            "Label": st.column_config.TextColumn(pinned=True),
            **{name: st.column_config.Column(help=text) for name, text in _HELP.items()},
        },
        key=_TABLE,
        on_select=lambda: _take_click(evaluated),
        selection_mode="single-cell",
    )
    st.caption(
        f"A click on recall or F1 shows the label's pictures, one on precision those predicted as it. {MISSING} = "
        f"fewer than {FEWEST} pictures."
    )


def read_click(event: Mapping[str, Any], label_ids: list[int]) -> Choice | None:
    """Returns what a click on a cell of the table chooses; None for no cell."""
    cells = event.get("selection", {}).get("cells", [])
    if not cells:
        return None
    row, column = cells[0]
    key = str(label_ids[row])
    return Choice(predicted=key) if column in _OF_COLUMN else Choice(actual=key)


def _take_click(evaluated: Evaluated) -> None:
    clicked = read_click(st.session_state[_TABLE], [label.id for label in evaluated.labels])
    if clicked is not None:
        choices.write(clicked)


def _table(rows: list[LabelFigures]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Label": [formatting.shorten(row.label, 120) for row in rows],
            "Recall": [share_in_words(row.recall) for row in rows],
            "Precision": [share_in_words(row.precision) for row in rows],
            "F1": [share_in_words(row.f1) for row in rows],
            "Pictures": [row.support for row in rows],
            "Predicted": [row.n_predicted for row in rows],
        }
    )


def share_in_words(share: Interval | None) -> str:
    """Returns a share with its interval, a dash for none.

    >>> share_in_words(Interval(0.8, 0.49, 0.943)), share_in_words(None)
    ('80 % (49–94)', '–')
    """
    if share is None:
        return MISSING
    return f"{per_cent(share.value)} ({100 * share.low:.0f}–{100 * share.high:.0f})"
