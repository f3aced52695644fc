"""A training while it runs: the epoch table of the notebook, its curves, and how long it will still take."""

from typing import Any

import pandas as pd
import streamlit as st

from curate import jobs
from curate.catalog import runs
from curate.catalog.jobs import OPEN
from curate.catalog.projects import ProjectSummary
from curate.jobs import JobRow
from curate.jobs.kinds import kinds_where
from curate.training.settings.overfitting import overfitting
from curate.ui import charts
from curate.ui.rendering import formatting
from curate.ui.shell import jobs_panel

KINDS = kinds_where(lambda kind: kind.makes_run)
COLUMNS = {
    "epoch": "Epoch",
    "phase": "Phase",
    "train_loss": "Train loss",
    "valid_loss": "Valid loss",
    "accuracy": "Accuracy",
    "error_rate": "Error rate",
    "learning_rate": "Learning rate",
    "images_per_s": "Images/s",
    "memory_mb": "Memory",
    "time": "Time",
}

_LATER = ("learning_rate", "images_per_s", "memory_mb")  # what early runs did not store


def is_training(project: ProjectSummary) -> bool:
    """Whether a training of this project waits or runs."""
    return bool(_open(project))


def show(project: ProjectSummary) -> None:
    """The project's open trainings, the running one with all it says of itself."""
    jobs_panel.job_panel(project, KINDS)
    st.fragment(lambda: _draw(project), run_every=jobs_panel.POLL_S)()


def show_last_ended(project: ProjectSummary) -> None:
    """Why the last training ended without a result, when it did and nothing was trained since."""
    ended = jobs_panel.last_ended(project.id, KINDS)
    if ended and ended.status != "done":
        jobs_panel.show_failure(ended, "train")


def epoch_table(epochs: pd.DataFrame) -> None:
    """The epoch table as the notebook prints it; dashes where nothing was measured."""
    shown = epochs.assign(time=[formatting.duration(seconds) for seconds in epochs["seconds"]])
    known = [name for name in COLUMNS if name in shown and (name not in _LATER or shown[name].notna().any())]
    st.dataframe(
        shown[known].rename(columns=COLUMNS),
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
            "Learning rate": st.column_config.NumberColumn(
                format="scientific", help="Of the last layers, at the epoch's end."
            ),
            "Images/s": st.column_config.NumberColumn(format="%.0f", help="While learning."),
            "Memory": st.column_config.NumberColumn(format="%.0f MB", help="The most that was in use."),
        },
    )


def curves(epochs: pd.DataFrame, n_epochs: int, key: str) -> None:
    """Loss and accuracy by epoch, side by side."""
    left, right = st.columns(2)
    with left:
        charts.show(charts.loss_curves(epochs, n_epochs), f"{key}_loss", "Training and validation loss by epoch")
    with right:
        charts.show(charts.learning_progress(epochs, n_epochs), f"{key}_accuracy", "Validation accuracy by epoch")


def say_overfitting(epochs: pd.DataFrame) -> None:
    """A sentence when the valid loss rises while the train loss falls."""
    if len(epochs) and (found := overfitting(epochs["train_loss"].tolist(), epochs["valid_loss"].tolist())):
        st.warning(found.words, icon=":material/trending_up:")


def _draw(project: ProjectSummary) -> None:
    job = next((job for job in _open(project) if job.status == "running"), None)
    if job is None:
        return
    _draw_facts(job)
    run = runs.run_of_job(job.id)
    epochs = runs.epochs(run.id) if run else pd.DataFrame()
    if len(epochs):
        say_overfitting(epochs)
        epoch_table(epochs)
        curves(epochs, int(job.progress.get("n_epochs") or 0), "live")
    elif job.kind == "train":
        st.caption("The table and the curves begin with the first epoch's end.")


def _draw_facts(job: JobRow) -> None:
    facts = job.progress
    shown = [fact for fact in _facts(facts) if fact[1]]
    if shown:
        with st.grid("auto", min_column_width=130, gap="small"):
            for label, value, help_text in shown:
                st.metric(label, value, help=help_text)
    for note in facts.get("notes") or []:  # a batch that was halved, an epoch gone on from
        st.info(formatting.plain(str(note), 400), icon=":material/info:")


def _facts(facts: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """(label, value, help) of what the job tells; an empty value is not known (yet)."""
    device = str(facts.get("device") or "")
    return [
        ("Epoch", _of(facts, "epoch", "n_epochs"), None),
        ("Batch", _of(facts, "batch", "n_batches"), None),
        ("Train loss", _number(facts, "train_loss", "{:.3f}"), "Smoothed over the last batches."),
        ("Valid loss", _number(facts, "valid_loss", "{:.3f}"), "Over all held-out pictures, after the last epoch."),
        ("Accuracy", _number(facts, "accuracy", "{:.1%}"), "On the held-out pictures, after the last epoch."),
        ("Learning rate", _number(facts, "learning_rate", "{:.1e}"), "Of the last layers, now."),
        ("Images a second", _number(facts, "images_per_s", "{:,.0f}"), None),
        ("Memory", _memory(facts), "In use by the training, of what there is."),
        (
            "Time left",
            formatting.duration(facts["seconds_left"]) if facts.get("seconds_left") is not None else "",
            None,
        ),
        ("Device", device.split(",")[0], formatting.plain(device) or None),
    ]


def _of(facts: dict[str, Any], done: str, total: str) -> str:
    return f"{facts.get(done) or 0:,} of {facts[total]:,}" if facts.get(total) else ""


def _number(facts: dict[str, Any], name: str, form: str) -> str:
    return form.format(facts[name]) if facts.get(name) is not None else ""


def _memory(facts: dict[str, Any]) -> str:
    used, total = facts.get("memory_mb"), facts.get("memory_total_mb")
    if used is None:
        return ""
    return f"{used / 1e3:.1f} of {total / 1e3:.0f} GB" if total else f"{used / 1e3:.1f} GB"


def _open(project: ProjectSummary) -> list[JobRow]:
    return [job for job in jobs.list_jobs(project.id, statuses=OPEN) if job.kind in KINDS]
