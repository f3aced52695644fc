"""Many answers as a table with thumbnails: a click on a heading sorts, rows can be chosen."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from curate.tray.pictures import Tray
from curate.ui.predict import session
from curate.ui.predict.answering_runs import AnsweringRun
from curate.ui.predict.results import Results
from curate.ui.rendering import formatting
from curate.ui.rendering.image_urls import tray_url

_PERCENT = st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100)


@dataclass(frozen=True)
class Rows:
    """The answers to show. other: a second run's of the same pictures; order: rows of `results`; known: {number: label}
    of pictures that the project has."""

    runs: list[AnsweringRun]
    results: Results
    other: Results | None
    order: np.ndarray
    known: dict[int, str]

    @property
    def numbers(self) -> list[int]:
        """The numbers of the pictures, in order."""
        return [int(number) for number in self.results.numbers[self.order]]


def show(tray: Tray, rows: Rows) -> list[int]:
    """Draw the table; returns the numbers of the chosen rows' pictures, or of all rows when none is chosen."""
    table = tabulate(tray, rows)
    columns: dict[str, ColumnConfig] = {str(name): _PERCENT for name in table if str(name).endswith("robability")}
    event = st.dataframe(
        table, hide_index=True, key="predict_table", on_select="rerun", selection_mode="multi-row", row_height=64,
        height=560, column_config={"Picture": st.column_config.ImageColumn(width="small"), **columns},
    )  # fmt: skip
    numbers = rows.numbers
    chosen = [numbers[row] for row in event.selection.rows if row < len(numbers)]
    if len(chosen) == 1:
        st.button("Show it large", key="predict_open", icon=":material/open_in_full:", on_click=session.open_picture,
                  args=(chosen[0], numbers))  # fmt: skip
    elif not chosen:
        st.caption("Choose rows at their left edge to show one large or to add some of them only.")
    return chosen or numbers


def tabulate(tray: Tray, rows: Rows) -> pd.DataFrame:
    """Returns the table of one run's answers, or of two side by side."""
    order, results = rows.order, rows.results
    numbers = rows.numbers
    names = np.array(results.predicted_names, object)[order]
    columns = {
        "Picture": [f"{tray_url(tray.name, number)}/thumb" for number in numbers],
        "File": [results.files[row] for row in order],
        "Predicted label": names,
        "Probability": 100 * results.confidence[order].astype(float),
        "Familiarity": np.where(results.is_unfamiliar[order], "unfamiliar", ""),
    }
    if rows.other:
        other, name = rows.other, formatting.shorten(rows.runs[1].run.name, 30)
        other_names = np.array(other.predicted_names, object)[order]
        columns |= {
            f"{name} predicts": other_names,
            f"{name} probability": 100 * other.confidence[order].astype(float),
            "They": np.where(other_names == names, "agree", "disagree"),
        }
    if any(rows.known.values()):
        columns["In the project"] = [rows.known.get(number, "") for number in numbers]
    return pd.DataFrame(columns)
