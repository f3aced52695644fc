"""Whether the run's probabilities mean what they say: a plot, and a sentence that says the same."""

import streamlit as st

from curate import store
from curate.catalog.runs import RunRow
from curate.errors import NotFound
from curate.review.reports import run_probabilities
from curate.review.reports.reliability import Reliability, find_reliability
from curate.training import saved_model
from curate.ui import charts
from curate.ui.charts.reliability import reliability_figure


def show_reliability(run: RunRow) -> None:
    """Show the plot over the validation pictures, with a summary and how the run was calibrated."""
    if not run_probabilities.are_stored(run.id):
        st.caption("This run's probabilities are not stored.")
        return
    reliability = find_reliability(run.id)
    if not reliability.n:
        st.caption("No validation picture was scored.")
        return
    text = describe(reliability)
    with st.grid(2, min_column_width=400, gap="medium"):
        charts.show(reliability_figure(reliability), "reliability", text)
        with st.container():
            st.markdown(text)
            st.caption(describe_calibration(run))


def describe(reliability: Reliability) -> str:
    """Returns a sentence: how far probabilities and results are apart, and on which side."""
    sure = sum(each.n * each.mean_probability for each in reliability.bins) / reliability.n
    right = sum(each.n * each.right.value for each in reliability.bins) / reliability.n
    sentence = f"Probabilities and results are {100 * reliability.error:.1f} points apart on average"
    if abs(sure - right) < 0.01:
        return f"{sentence}; the model is neither too sure nor too unsure."
    return f"{sentence}; the model is {'too sure' if sure > right else 'surer than it says'}."


def describe_calibration(run: RunRow) -> str:
    """Returns a sentence on how the probabilities were calibrated, "" where nothing is known."""
    if run.config.get("method") == "quick_look":
        return "A quick look's head is calibrated on half of the training pictures."
    try:
        temperature = saved_model.read_facts(store.run_folder(run.id)).temperature
    except NotFound:
        return ""
    if temperature == 1.0:
        return "This run was not calibrated; later trainings are."
    return (
        f"Calibrated on these very pictures: the logarithms of the probabilities are divided by {temperature:g}, so "
        "that new pictures may be a little further from the line."
    )
