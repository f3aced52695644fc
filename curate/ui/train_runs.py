"""The runs there are: how good, how long, on which version, and the way to each."""

import pandas as pd
import streamlit as st

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.evaluation import per_cent
from curate.ui import places, run_words, training_live

SHOWN = 30


def show(project: ProjectSummary) -> None:
    """A table of the newest runs, and the newest one's curves; nothing before the first."""
    found = runs.list_runs(project.id)[:SHOWN]
    if not found:
        return
    st.subheader("Runs", anchor=False)
    st.dataframe(
        pd.DataFrame([_row(run) for run in found]),
        hide_index=True,
        width="stretch",
        column_config={
            "Accuracy": st.column_config.Column(help="On the validation images."),
            "Images": st.column_config.NumberColumn(format="localized"),
            "When": st.column_config.DatetimeColumn(format="distance"),
        },
    )
    newest = next((run for run in found if run.status == "done"), None)
    if newest:
        _show_newest(newest)


def _row(run: RunRow) -> dict[str, object]:
    return {
        "Run": run.name,
        "Status": run.status,
        "Accuracy": "–" if run.accuracy is None else per_cent(run.accuracy),
        "Version": run.version_number,
        "What and how": run_words.in_short(run),
        "Images": run.n_train + run.n_valid,
        "When": run.finished_at or run.created_at,
    }


def _show_newest(run: RunRow) -> None:
    epochs = runs.epochs(run.id)
    if len(epochs):
        with st.expander(f"How {run.name} learnt", icon=":material/show_chart:"):
            training_live.epoch_table(epochs)
            training_live.curves(epochs, len(epochs), f"run_{run.id}")
    places.link("evaluate", f"Evaluate {run.name}", {"run": str(run.id)})
