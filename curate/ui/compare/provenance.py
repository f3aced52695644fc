"""What came from what, and the line over all runs."""

import pandas as pd
import streamlit as st

from curate import evaluation
from curate.catalog import runs, versions
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.evaluation.comparison import ends_in_words
from curate.evaluation.words import points
from curate.review.worth.provenance import Provenance
from curate.ui.charts import base as charts
from curate.ui.charts.experiment import Point, accuracy_by_setting
from curate.ui.compare.runs import DrawnReport
from curate.ui.rendering import formatting

FEWEST_RUNS = 3  # two are compared above already
MANY_LOOKS = 10
_WHY = (
    "Step by step, changing one thing at a time: the older run by the labels of its time; only on the pictures that "
    "are still there; by today's labels; and then the newer run. Only the last step is the model's doing."
)


def show_provenance(drawn: DrawnReport) -> None:
    """Show how much of the change is the pictures', the labels' and the model's."""
    origin = drawn.provenance
    if origin is None:
        return
    st.subheader("What came from what", anchor=False)
    st.markdown(f"**{formatting.plain(origin.sentence(*drawn.runs), 400)}**", help=_WHY)
    with st.grid(2, min_column_width=330, gap="medium"):
        st.dataframe(accuracy_table(origin, *drawn.runs), hide_index=True, key="provenance")
        with st.container(gap="xsmall"):
            for line in lines(origin, *drawn.runs):
                st.markdown(line)


def accuracy_table(origin: Provenance, old: str, new: str) -> pd.DataFrame:
    """Returns the accuracies of both runs by the labels of then and of now, on the same pictures."""
    return pd.DataFrame(
        {
            "Run": [old, new],
            "Labels as trained": [f"{100 * value:.1f} %" for value in origin.then],
            "Labels today": [f"{100 * value:.1f} %" for value in origin.today],
            "Pictures": [origin.n] * 2,
        }
    )


def lines(origin: Provenance, old: str, new: str) -> list[str]:
    """Returns what left validation, and the difference on confirmed labels, a sentence each."""
    left = origin.left_in_words(old)
    confirmed = (
        f"From {old} to {new} on the {formatting.counted(origin.n_confirmed, 'picture')} with a confirmed label: "
        f"{points(origin.confirmed.value)} points {ends_in_words(origin.confirmed)}."
        if origin.n_confirmed
        else "No label of these pictures is confirmed yet."
    )
    return [*([left] if left else []), confirmed]


def show_line(project: ProjectSummary) -> None:
    """Show the accuracy of all runs in their order, coloured by version, and how often validation was looked at."""
    finished = sorted(runs.list_runs(project.id, only_done=True), key=lambda run: run.number)
    own = [run for run in finished if run.experiment_id is None and run.accuracy is not None]
    if len(own) < FEWEST_RUNS:
        return
    st.subheader("All runs so far", anchor=False)
    messages = {version.number: version.message for version in versions.list_versions(project.id)}
    drawn = accuracy_by_setting([_point(run, messages) for run in own], "run", "trained on")
    charts.show(drawn, key="all_runs", alt=f"Accuracy of {len(own)} runs in their order")
    st.caption(f"Each by the labels of its own time. {looks_in_words(len(finished))}")


def looks_in_words(n: int) -> str:
    """Returns how often validation pictures were looked at, and what follows from many looks."""
    words = f"The validation pictures have been looked at by {formatting.counted(n, 'training')}."
    if n < MANY_LOOKS:
        return words
    return f"{words} The best of so many is better by luck, too: hold out fresh pictures for a last word."


def _point(run: RunRow, messages: dict[int, str]) -> Point:
    accuracy = evaluation.accuracy_interval(round((run.accuracy or 0.0) * run.n_valid), run.n_valid)
    message = messages.get(run.version_number, "")
    words = f"{run.name}, version {run.version_number}: {message}"
    return Point(float(run.number), f"version {run.version_number}", accuracy, words, run.id)
