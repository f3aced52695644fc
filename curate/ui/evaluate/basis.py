"""What stands beside every number on Evaluate: how many pictures, of which split, under which labels."""

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.evaluation import pictures
from curate.review.reports.evaluated import Evaluated, labels_in_words
from curate.ui.shell import query_params

SPLITS = {"valid": "Validation", "train": "Training"}


def choose_split() -> str:
    """Whether the page is about held-out pictures (the default) or those learnt from; the address keeps it."""
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


def describe(evaluated: Evaluated, project: ProjectSummary) -> str:
    """Returns the number of pictures, their split, and the labels with their version."""
    split = SPLITS[evaluated.split].lower()
    n = pictures(evaluated.n).replace(" ", f" {split} ")
    return f"{n}, {labels_in_words(evaluated.source, evaluated.run.version_number, project.version_number)}"
