"""One switch for which labels predictions are held against: as trained, today's, or confirmed ones only."""

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.review.reports.evaluated import AS_TRAINED, CONFIRMED, SOURCES, TODAY
from curate.review.reports.run_comparison import Report
from curate.ui.shell import query_params

ADDRESS = "labels"
_HELP = (
    "*As trained*: the labels that the run learnt from. *Today*: those of the newest version, without what went to the "
    "bin. *Confirmed*: of today's only those that a person kept or put right."
)


def choose_labels(default: str = AS_TRAINED) -> str:
    """Which labels the predictions are held against (of `SOURCES`); the address keeps it."""
    st.segmented_control(
        "Labels",
        list(SOURCES),
        format_func=SOURCES.__getitem__,
        key="labels_choice",
        required=True,
        on_change=query_params.bind("labels_choice", ADDRESS, query_params.read_option(ADDRESS, SOURCES, default)),
        help=_HELP,
    )
    return str(st.session_state["labels_choice"])


def labels_in_words(source: str, trained_on: int, head: int) -> str:
    """Returns the labels of a source with their version.

    >>> labels_in_words("trained", 1, 3), labels_in_words("confirmed", 1, 3)
    ('labels as trained (version 1)', 'confirmed labels (version 3)')
    """
    words = {AS_TRAINED: "labels as trained", TODAY: "today's labels", CONFIRMED: "confirmed labels"}
    return f"{words[source]} (version {trained_on if source == AS_TRAINED else head})"


def in_words_of(report: Report, project: ProjectSummary) -> str:
    """Returns the labels of a comparison with their version; as trained are those of its first run."""
    return labels_in_words(report.source, report.before.version_number, project.version_number)
