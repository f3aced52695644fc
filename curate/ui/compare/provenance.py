"""What came from what, and the line over all runs."""

import pandas as pd
import streamlit as st

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.review.reports.evaluated import TODAY
from curate.review.worth import all_runs
from curate.review.worth.all_runs import RunPoint
from curate.review.worth.provenance import Provenance
from curate.ui.charts import base as charts
from curate.ui.charts.experiment import Point, accuracy_by_setting
from curate.ui.compare.runs import DrawnReport
from curate.ui.rendering import formatting

_WHY = (
    "Step by step, changing one thing at a time: the older run by the labels of its time; only on the pictures that "
    "are still there; by today's labels; and then the newer run. Only the last step is the model's doing."
)


def show_provenance(drawn: DrawnReport, source: str) -> None:
    """Show how much of the change is the pictures', the labels' and the model's. source: of the page's other labels."""
    origin = drawn.provenance
    if origin is None:
        return
    st.subheader("What came from what", anchor=False)
    if source != TODAY:
        st.caption("By the labels of then and of today, whatever *Labels* above says.")
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
    return [words for words in (origin.left_in_words(old), origin.confirmed_in_words(old, new)) if words]


def show_line(project: ProjectSummary) -> None:
    """Show the accuracy of all runs in their order, coloured by version, and how often validation was looked at."""
    line = all_runs.find_points(project.id)
    if not line:
        return
    st.subheader("All runs so far", anchor=False)
    drawn = accuracy_by_setting([_point(one) for one in line], "run", "trained on")
    charts.show(drawn, key="all_runs", alt=f"Accuracy of {len(line)} runs in their order")
    n_looks = len(runs.list_runs(project.id, only_done=True))
    st.caption(f"Each by the labels of its own time. {all_runs.looks_in_words(n_looks)}")


def _point(one: RunPoint) -> Point:
    run = one.run
    words = f"{run.name}, version {run.version_number}" + (f": {one.message}" if one.message else "")
    return Point(float(run.number), f"version {run.version_number}", one.accuracy, words, run.id)
