"""The confusion matrices of both runs of a comparison, side by side under the same labels."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from curate.catalog.runs import RunRow
from curate.ui import charts
from curate.ui.compare.runs import DrawnReport
from curate.ui.shell import label_source, navigation, run_picker


def show_matrices(drawn: DrawnReport) -> None:
    """Shows both matrices with the same labels; a click on a cell leads to its pictures."""
    report, (old, new) = drawn.report, drawn.matrices
    with st.grid(2, min_column_width=380, gap="small"):
        _show_one(drawn, report.before, old, report.comparison.before.matrix, "before")
        _show_one(drawn, report.after, new, report.comparison.after.matrix, "after")
    n, n_shown = len(drawn.names), len(drawn.shown)
    part = "" if n_shown == n else f" The {n_shown} most confused of {n:,} labels."
    st.caption(f"Both under the labels chosen above.{part} A click on a cell opens its pictures on Evaluate.")


def _show_one(drawn: DrawnReport, run: RunRow, figure: go.Figure, matrix: np.ndarray, place: str) -> None:
    with st.container():
        st.markdown(f"**{run.name}**")
        event = charts.show(
            figure,
            key=f"matrix_{place}",
            alt=f"Confusion matrix {place}: {int(np.trace(matrix)):,} of {int(matrix.sum()):,} pictures right",
            on_select="rerun",
            selection_mode="points",
        )
    cell = charts.read_cell(event)
    if cell:
        actual, predicted = (str(drawn.report.labels[drawn.shown[position]].id) for position in cell)
        query = {run_picker.ADDRESS: str(run.id), label_source.ADDRESS: drawn.report.source}
        navigation.go("evaluate", query | {"actual": actual, "predicted": predicted})
