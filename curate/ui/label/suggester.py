"""The choice of what suggests labels: the project's own suggestions, or what a finished run predicts."""

import streamlit as st

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.jobs.submit import run_predictions
from curate.ui.shell import identity, query_params, run_picker

BY = "by"  # in the address: a run's id
_OWN = 0


def show_choice(project: ProjectSummary) -> int | None:
    """Show the choice once there are runs; returns the chosen run's id, None = the project's own suggestions.

    A run that has not predicted all unlabelled images does so in the background.
    """
    finished = {run.id: run for run in runs.list_runs(project.id, only_done=True, with_model=True)}
    if not finished:
        return None
    known = query_params.read_option(BY, tuple(finished), _OWN)
    chosen = st.selectbox(
        "Suggested by", [_OWN, *finished], key="label_by", width=260,
        format_func=lambda run_id: run_picker.in_short(finished[run_id]) if run_id else "All labels so far",
        help="**All labels so far** learns anew after every twenty decisions. A run suggests what it predicts: its "
        "predictions stay apart from its matrix and from the doubts.",
        on_change=query_params.bind("label_by", BY, known, clears=("page",)),
    )  # fmt: skip
    if chosen == _OWN:
        return None
    run_predictions.ensure(finished[chosen], identity.reviewer())
    return int(chosen)
