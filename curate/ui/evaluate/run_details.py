"""One run in numbers: accuracy, precision and recall per label, its epochs, and its settings."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from curate import evaluation, settings
from curate.catalog import runs
from curate.catalog.runs import RunRow
from curate.evaluation import per_cent
from curate.review.reports import confirmed_accuracy
from curate.ui import charts
from curate.ui.evaluate.confusion_matrix import Confusions, describe_worst
from curate.ui.rendering import formatting, run_text, tiles
from curate.ui.shell import query_params
from curate.ui.train import progress as train_progress

SPLITS = {"valid": "Validation", "train": "Training"}
_PER_LABEL_HELP = {
    "precision": "Of the pictures with this predicted label, the share that has the label.",
    "recall": "Of the pictures with this label, the share whose predicted label it is.",
    "f1": "The harmonic mean of precision and recall: low when either is.",
}


def choose_split() -> str:
    """Whether the page looks at the pictures held out (the default) or at those learnt from; kept in the address."""
    st.segmented_control(
        "Pictures",
        list(SPLITS),
        format_func=SPLITS.__getitem__,
        key="split_choice",
        required=True,
        on_change=query_params.bind("split_choice", "split", query_params.read_option("split", SPLITS, "valid")),
        help="Validation pictures were held out: the model never learnt from them, so they tell how good it is.",
    )
    return str(st.session_state["split_choice"])


def show_numbers(confusions: Confusions) -> None:
    """Show the accuracy with its interval, its number of pictures, and the worst confusion."""
    run, n, n_right = confusions.run, int(confusions.counts.sum()), int(np.trace(confusions.counts))
    interval = evaluation.accuracy_interval(n_right, n)
    means = evaluation.macro(evaluation.per_label(confusions.counts, confusions.names))
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
    st.markdown(formatting.plain(describe_worst(confusions), 600))
    st.caption(formatting.plain(run_text.in_short(run), 300))
    if confusions.split == "train":
        st.caption("The model learnt from these pictures: being right about them says little about new ones.")


def show_labels(confusions: Confusions) -> None:
    """Show precision, recall, F1 and number of pictures of each label."""
    table = evaluation.per_label(confusions.counts, confusions.names)
    table["label"] = [formatting.shorten(name, 120) for name in table["label"]]
    table[list(_PER_LABEL_HELP)] *= 100
    columns = {
        name: st.column_config.ProgressColumn(
            name.capitalize(), help=text, format="%.0f %%", min_value=0, max_value=100
        )
        for name, text in _PER_LABEL_HELP.items()
    }
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "label": st.column_config.TextColumn("Label", pinned=True),
            **columns,
            "support": st.column_config.NumberColumn("Pictures", format="localized", help="Pictures with the label."),
        },
        key="per_label",
    )


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
