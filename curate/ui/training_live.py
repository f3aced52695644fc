"""A training while it runs: the epoch table of the notebook, its curves, and how long it will still take."""

import pandas as pd
import streamlit as st

from curate import jobs
from curate.catalog import runs
from curate.catalog.jobs import OPEN
from curate.catalog.projects import ProjectSummary
from curate.jobs import JobRow
from curate.ui import charts, jobs_panel, words

COLUMNS = {
    "epoch": "Epoch",
    "phase": "Phase",
    "train_loss": "Train loss",
    "valid_loss": "Valid loss",
    "accuracy": "Accuracy",
    "error_rate": "Error rate",
    "time": "Time",
}


def is_training(project: ProjectSummary) -> bool:
    """Whether a training of this project waits or runs."""
    return bool(_open(project))


def show(project: ProjectSummary) -> None:
    """The project's open trainings, the running one with all it says of itself."""
    jobs_panel.job_panel(project, ("train",))
    st.fragment(lambda: _draw(project), run_every=jobs_panel.POLL_S)()


def show_last_ended(project: ProjectSummary) -> None:
    """Why the last training ended without a result, when it did and nothing was trained since."""
    ended = jobs_panel.last_ended(project.id, ("train",))
    if ended and ended.status != "done":
        jobs_panel.show_failure(ended, "train")


def epoch_table(epochs: pd.DataFrame) -> None:
    """The epoch table as the notebook prints it; dashes where nothing was measured."""
    shown = epochs.assign(time=[words.duration(seconds) for seconds in epochs["seconds"]])
    st.dataframe(
        shown[list(COLUMNS)].rename(columns=COLUMNS),
        hide_index=True,
        width="stretch",
        column_config={
            "Epoch": st.column_config.NumberColumn(format="%d"),
            "Train loss": st.column_config.NumberColumn(format="%.4f", help="Mean loss on what it learns from."),
            "Valid loss": st.column_config.NumberColumn(format="%.4f", help="Mean loss on the pictures held out."),
            "Accuracy": st.column_config.NumberColumn(
                format="percent", help="Share of held-out pictures it got right."
            ),
            "Error rate": st.column_config.NumberColumn(format="percent"),
        },
    )


def curves(epochs: pd.DataFrame, n_epochs: int, key: str) -> None:
    """Loss and accuracy by epoch, side by side."""
    left, right = st.columns(2)
    with left:
        charts.show(charts.loss_curves(epochs, n_epochs), f"{key}_loss", "Training and validation loss by epoch")
    with right:
        charts.show(charts.learning_progress(epochs, n_epochs), f"{key}_accuracy", "Validation accuracy by epoch")


def _draw(project: ProjectSummary) -> None:
    job = next((job for job in _open(project) if job.status == "running"), None)
    if job is None:
        return
    _draw_facts(job)
    run = runs.run_of_job(job.id)
    epochs = runs.epochs(run.id) if run else pd.DataFrame()
    if len(epochs):
        epoch_table(epochs)
        curves(epochs, int(job.progress.get("n_epochs") or 0), "live")
    else:
        st.caption("The table and the curves begin with the first epoch's end.")


def _draw_facts(job: JobRow) -> None:
    facts = job.progress
    with st.container(horizontal=True, gap="large"):
        if facts.get("n_epochs"):
            st.metric("Epoch", f"{facts.get('epoch', 1)} of {facts['n_epochs']}")
        if facts.get("n_batches"):
            st.metric("Batch", f"{facts.get('batch', 0):,} of {facts['n_batches']:,}")
        if facts.get("train_loss") is not None:
            st.metric("Train loss", f"{facts['train_loss']:.3f}", help="Smoothed over the last batches.")
        if facts.get("images_per_s"):
            st.metric("Images a second", f"{facts['images_per_s']:,.0f}")
        if facts.get("seconds_left") is not None:
            st.metric("Time left", words.duration(facts["seconds_left"]))
        if facts.get("device"):
            st.metric("Device", str(facts["device"]).split(",")[0], help=words.plain(str(facts["device"])))


def _open(project: ProjectSummary) -> list[JobRow]:
    return [job for job in jobs.list_jobs(project.id, statuses=OPEN) if job.kind == "train"]
