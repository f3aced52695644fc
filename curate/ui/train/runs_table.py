"""The table of runs with accuracy, settings and version; and the details of the chosen one."""

import pandas as pd
import streamlit as st

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.evaluation import per_cent
from curate.ui.rendering import formatting, run_text
from curate.ui.shell import query_params, run_picker
from curate.ui.train import run_card

SHOWN = 30


def show_runs_table(project: ProjectSummary) -> None:
    """Show the newest runs, without those of experiments, and the chosen one's details; nothing without runs."""
    known = runs.list_runs(project.id)
    if not known:
        return
    st.subheader("Runs", anchor=False)
    listed = _listed(known)[:SHOWN]
    st.dataframe(
        pd.DataFrame([_row(run) for run in listed]),
        hide_index=True,
        width="stretch",
        key="runs",
        on_select=lambda: _take(listed),
        selection_mode="single-row",
        column_config={
            "Accuracy": st.column_config.Column(help="On the validation images."),
            "Images": st.column_config.NumberColumn(format="localized"),
            "When": st.column_config.DatetimeColumn(format="distance"),
        },
    )
    finished = [run for run in known if run.status == "done"]
    if finished:
        run_card.show_run(project, _chosen(finished))


def _listed(known: list[RunRow]) -> list[RunRow]:
    outside = runs.outside_experiments(known)
    n_hidden = len(known) - len(outside)
    if n_hidden:
        st.session_state["with_experiments"] = query_params.read_text("runs") == "all"
        label = f"Show also the {formatting.counted(n_hidden, 'run')} of experiments"
        st.toggle(label, key="with_experiments", on_change=_take_all)
        if st.session_state["with_experiments"]:
            return known
    return outside


def _take_all() -> None:
    query_params.write(runs="all" if st.session_state["with_experiments"] else None)


def _take(listed: list[RunRow]) -> None:
    rows = st.session_state["runs"]["selection"]["rows"]
    if rows and rows[0] < len(listed):
        query_params.write(run=listed[rows[0]].id)


def _chosen(finished: list[RunRow]) -> RunRow:
    newest = runs.outside_experiments(finished)[0]
    return run_picker.choose(finished, label="Look at", default=finished.index(newest))


def _row(run: RunRow) -> dict[str, object]:
    return {
        "Run": run.name,
        "Status": run.status,
        "Accuracy": "–" if run.accuracy is None else per_cent(run.accuracy),
        "Version": run.version_number,
        "What and how": run_text.in_short(run),
        "Images": run.n_train + run.n_valid,
        "When": run.finished_at or run.created_at,
    }
