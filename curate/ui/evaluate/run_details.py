"""One run in numbers: accuracy, precision and recall per label, its epochs, and its settings."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from curate import evaluation, settings
from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.evaluation import per_cent
from curate.review.reports import confirmed_accuracy
from curate.review.reports.evaluated import Evaluated
from curate.ui import charts
from curate.ui.evaluate import basis
from curate.ui.evaluate.confusion_matrix import describe_worst
from curate.ui.rendering import formatting, run_text, tiles
from curate.ui.train import progress as train_progress


def show_numbers(evaluated: Evaluated, project: ProjectSummary) -> None:
    """Show the accuracy with its interval, its number of pictures, and the worst confusion."""
    run, n, n_right = evaluated.run, evaluated.n, evaluated.n - int(evaluated.is_wrong.sum())
    interval = evaluation.accuracy_interval(n_right, n)
    means = evaluation.macro(evaluation.per_label(evaluated.counts, evaluated.names))
    n_gold, on_gold = confirmed_accuracy.accuracy(run.id)
    with st.grid(5 if n_gold else 4, min_column_width=150 if n_gold else 158, gap="small"):
        tiles.number(
            "Accuracy",
            "–" if not n else f"{100 * interval.value:.1f} %",
            f"{100 * interval.low:.1f} to {100 * interval.high:.1f} %" if n else "no pictures",
            "The share of pictures whose predicted label is their label; below it, the range in which it lies with "
            "95 % certainty for pictures like these (Wilson interval).",
        )
        if n_gold:
            tiles.number(
                "On checked ones",
                f"{100 * on_gold.value:.1f} %",
                f"{100 * on_gold.low:.1f} to {100 * on_gold.high:.1f} % · {formatting.counted(n_gold, 'picture')}",
                "The same share among held-out pictures whose label a person has confirmed: no wrong label spoils it. "
                "They were mostly doubtful ones, so it may be lower than on all.",
            )
        tiles.number("Pictures", formatting.count(n), f"{n_right:,} right · {n - n_right:,} wrong")
        tiles.number(
            "Mean recall",
            per_cent(means["recall"]),
            "all labels alike",
            "The mean of the labels' recalls: it shows when rare labels are missed.",
        )
        tiles.number("Version", str(run.version_number), f"{run.n_train:,} to train on")
    st.markdown(formatting.plain(describe_worst(evaluated), 600))
    st.caption(formatting.plain(f"{basis.describe(evaluated, project)} · {run_text.in_short(run)}", 300))
    if evaluated.split == "train":
        st.caption("The model learnt from these pictures: being right about them says little about new ones.")


def show_learning(run: RunRow) -> None:
    """Show the epoch table with its curves."""
    epochs = runs.epochs(run.id)
    if epochs.empty:
        st.caption("No epoch was measured.")
        return
    train_progress.curves(_curves(settings.database_url(), run.id, epochs), epochs, "run")
    train_progress.epoch_table(epochs)


def show_settings(run: RunRow) -> None:
    """Show the run's settings."""
    table = pd.DataFrame(run_text.settings(run.config), columns=["Setting", "Value"])
    st.dataframe(table, hide_index=True, key="settings", width=420)


@st.cache_resource(max_entries=64, show_spinner=False)  # a finished run has no more epochs to come
def _curves(database: str, run_id: int, _epochs: pd.DataFrame) -> dict[str, go.Figure]:
    return charts.epoch_charts(_epochs)
