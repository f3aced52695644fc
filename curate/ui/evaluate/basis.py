"""What stands beside every number on Evaluate: how many pictures, of which split, under which labels."""

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.evaluation import pictures
from curate.review.reports.evaluated import AS_TRAINED, CONFIRMED, SOURCES, TODAY, Evaluated
from curate.ui.shell import query_params

SPLITS = {"valid": "Validation", "train": "Training"}
_HELP = (
    "*As trained*: the labels that the run learnt from. *Today*: those of the newest version, without what went to the "
    "bin. *Confirmed*: of today's only those that a person kept or put right."
)


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


def choose_labels(default: str = AS_TRAINED) -> str:
    """Which labels the predictions are held against (of `SOURCES`); the address keeps it."""
    st.segmented_control(
        "Labels",
        list(SOURCES),
        format_func=SOURCES.__getitem__,
        key="labels_choice",
        required=True,
        on_change=query_params.bind("labels_choice", "labels", query_params.read_option("labels", SOURCES, default)),
        help=_HELP,
    )
    return str(st.session_state["labels_choice"])


def describe(evaluated: Evaluated, project: ProjectSummary) -> str:
    """Returns the number of pictures, their split, and the labels with their version."""
    split = SPLITS[evaluated.split].lower()
    n = pictures(evaluated.n).replace(" ", f" {split} ")
    return f"{n}, {labels_in_words(evaluated.source, evaluated.run.version_number, project.version_number)}"


def labels_in_words(source: str, trained_on: int, head: int) -> str:
    """Returns the labels of a source with their version.

    >>> labels_in_words("trained", 1, 3), labels_in_words("confirmed", 1, 3)
    ('labels as trained (version 1)', 'confirmed labels (version 3)')
    """
    words = {AS_TRAINED: "labels as trained", TODAY: "today's labels", CONFIRMED: "confirmed labels"}
    return f"{words[source]} (version {trained_on if source == AS_TRAINED else head})"
