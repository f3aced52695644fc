"""Shows a running training: the epoch table, its curves, and the time left."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from curate import jobs
from curate.catalog import runs
from curate.catalog.jobs import OPEN
from curate.catalog.projects import ProjectSummary
from curate.jobs import JobRow
from curate.jobs.kinds import kinds_where
from curate.training.epoch_table import COLUMNS, Column
from curate.training.settings.overfitting import overfitting
from curate.ui import charts
from curate.ui.rendering import formatting
from curate.ui.shell import jobs_panel

KINDS = kinds_where(lambda kind: kind.makes_run)


def is_training(project: ProjectSummary) -> bool:
    """Whether a training of this project waits or runs."""
    return bool(_open(project))


def show_progress(project: ProjectSummary) -> None:
    """Show the project's open trainings, the running one in detail."""
    jobs_panel.job_panel(project, KINDS)
    st.fragment(lambda: _draw(project), run_every=jobs_panel.POLL_S)()


def show_last_ended(project: ProjectSummary) -> None:
    """Show why the last training ended without a result, if nothing was trained since."""
    ended = jobs_panel.last_ended(project.id, KINDS)
    if ended and ended.status != "done":
        jobs_panel.show_failure(ended, "train")


def epoch_table(epochs: pd.DataFrame) -> None:
    """Draw the epoch table as a notebook prints it; dashes for missing values."""
    columns = [
        one
        for one in COLUMNS.values()
        if one.name in epochs and not (one.is_optional and epochs[one.name].isna().all())
    ]
    durations = [one.name for one in columns if one.number_format == "duration"]
    shown = epochs.assign(**{name: [_duration(seconds) for seconds in epochs[name]] for name in durations})
    st.dataframe(
        shown[[one.name for one in columns]].rename(columns={one.name: one.heading for one in columns}),
        hide_index=True,
        width="stretch",
        column_config={one.heading: _column_config(one) for one in columns},
    )


def curves(figures: dict[str, go.Figure], epochs: pd.DataFrame, key: str) -> None:
    """Draw the epoch table's charts, as `charts.epoch_charts` made them, side by side."""
    with st.grid(2, min_column_width=300, gap="small"):
        for place, (title, figure) in enumerate(figures.items()):
            alt = [
                f"{one.heading} by epoch: {', '.join(f'{value:.2f}' for value in epochs[one.name].dropna())}"
                for one in COLUMNS.values()
                if one.chart == title
            ]
            charts.show(figure, f"{key}_curves_{place}", ". ".join(alt))


def _column_config(column: Column) -> ColumnConfig:
    if column.number_format in ("", "duration"):
        return st.column_config.Column(help=column.help or None)
    return st.column_config.NumberColumn(format=column.number_format, help=column.help or None)


def _duration(seconds: float | None) -> str:
    return "–" if seconds is None or pd.isna(seconds) else formatting.duration(seconds)


def warn_of_overfitting(epochs: pd.DataFrame) -> None:
    """Show a warning when the validation loss rises while the training loss falls."""
    if len(epochs) and (trend := overfitting(epochs["train_loss"].tolist(), epochs["valid_loss"].tolist())):
        st.warning(trend.words, icon=":material/trending_up:")


def _draw(project: ProjectSummary) -> None:
    job = next((job for job in _open(project) if job.status == "running"), None)
    if job is None:
        return
    run = runs.run_of_job(job.id)
    epochs = runs.epochs(run.id) if run else pd.DataFrame()
    facts = live_facts(job.progress, epochs)
    _draw_facts(facts)
    if len(epochs):
        warn_of_overfitting(epochs)
    if len(epochs) or facts.get("epoch"):
        epoch_table(live_epochs(facts, epochs))
    if len(epochs):
        curves(charts.epoch_charts(epochs, int(facts.get("n_epochs") or 0)), epochs, "live")
    elif job.kind == "train":
        st.caption("The curves begin with the first epoch's end.")


def live_facts(progress: dict[str, Any], epochs: pd.DataFrame) -> dict[str, Any]:
    """Returns the job's progress with the figures of the epoch table's last row.

    The job writes its progress once a second and the table at every epoch's end: the progress may be behind.
    """
    if epochs.empty:
        return progress
    last = epochs.iloc[-1]
    facts = progress | {name: _plain(last[name]) for name in ("valid_loss", "accuracy")}
    if int(last["epoch"]) >= (progress.get("epoch") or 0):  # the next epoch has not reported a batch yet
        facts["epoch"] = int(last["epoch"])
        facts["train_loss"] = _plain(last["train_loss"])
        facts["batch"] = progress.get("n_batches")
    return facts


def live_epochs(facts: dict[str, Any], epochs: pd.DataFrame) -> pd.DataFrame:
    """Returns the epoch table with a row for the running epoch, so that tiles and table show the same one."""
    n_done = int(epochs["epoch"].max()) if len(epochs) else 0
    if (facts.get("epoch") or 0) <= n_done:
        return epochs
    running = {name: facts.get(name) for name in COLUMNS} | {"phase": "running", "seconds": None}
    running |= {"valid_loss": None, "accuracy": None, "error_rate": None}  # facts has the last finished epoch's
    rows = [*epochs.astype(object).to_dict("records"), running]
    numbers = [name for name in COLUMNS if name != "phase"]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(numbers, float))


def _plain(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _draw_facts(facts: dict[str, Any]) -> None:
    shown = [fact for fact in _tiles(facts) if fact[1]]
    if shown:
        with st.grid("auto", min_column_width=130, gap="small"):
            for label, value, help_text in shown:
                st.metric(label, value, help=help_text)
    for note in facts.get("notes") or []:  # such as a halved batch, or a resumed epoch
        st.info(formatting.plain(str(note), 400), icon=":material/info:")


def _tiles(facts: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """Returns (label, value, help) of the job's figures; empty values are unknown."""
    device = str(facts.get("device") or "")
    seconds_left = facts.get("seconds_left")
    return [
        ("Epoch", _of(facts, "epoch", "n_epochs"), None),
        ("Batch", _of(facts, "batch", "n_batches"), None),
        ("Train loss", _formatted(facts, "train_loss", "{:.3f}"), "Smoothed over the last batches."),
        ("Valid loss", _formatted(facts, "valid_loss", "{:.3f}"), "Over all held-out pictures, after the last epoch."),
        ("Accuracy", _formatted(facts, "accuracy", "{:.1%}"), "On the held-out pictures, after the last epoch."),
        ("Learning rate", _formatted(facts, "learning_rate", "{:.1e}"), "Of the last layers, now."),
        ("Images a second", _formatted(facts, "images_per_s", "{:,.0f}"), None),
        ("Memory", _memory(facts), "In use by the training, of what there is."),
        ("Time left", "" if seconds_left is None else formatting.duration(seconds_left), None),
        ("Device", device.split(",")[0], formatting.plain(device) or None),
    ]


def _of(facts: dict[str, Any], done: str, total: str) -> str:
    return f"{facts.get(done) or 0:,} of {facts[total]:,}" if facts.get(total) else ""


def _formatted(facts: dict[str, Any], name: str, form: str) -> str:
    return form.format(facts[name]) if facts.get(name) is not None else ""


def _memory(facts: dict[str, Any]) -> str:
    used, total = facts.get("memory_mb"), facts.get("memory_total_mb")
    if used is None:
        return ""
    return f"{used / 1e3:.1f} of {total / 1e3:.0f} GB" if total else f"{used / 1e3:.1f} GB"


def _open(project: ProjectSummary) -> list[JobRow]:
    return [job for job in jobs.list_jobs(project.id, statuses=OPEN) if job.kind in KINDS]
