"""The upper part of Evaluate: what chooses pictures on the left, the curating grid with them on the right."""

from collections.abc import Callable

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.evaluation.levels import Levels
from curate.review.reports.evaluated import Evaluated, find_evaluated
from curate.ui.evaluate import basis, confusion_matrix, error_causes, label_table, pictures, scores, slices, taught_by
from curate.ui.evaluate import choice as choices
from curate.ui.evaluate.choice import Choice
from curate.ui.shell import query_params

PANELS = {
    "matrix": "Matrix",
    "why": "Why",
    "labels": "Labels",
    "scores": "Scores",
    "slices": "Slices",
    "taught": "Taught by",
}


def show_explorer(project: ProjectSummary, run: RunRow, split: str, source: str) -> None:
    """Show both sides in a fragment of their own, so that a click reruns nothing else of the page."""
    st.fragment(lambda: _draw(project, find_evaluated(run, split, source)))()


def _draw(project: ProjectSummary, evaluated: Evaluated) -> None:
    options = confusion_matrix.read_options(evaluated)
    levels = confusion_matrix.find_levels(evaluated, options)
    choice = choices.read(levels)
    with st.grid(2, min_column_width=430, gap="small"):
        with st.container():
            panel = query_params.choose(
                "What to choose pictures by", PANELS, "panel_choice", "panel", "matrix", has_label=False
            )
            _show_panel(panel, project, evaluated, levels, options, choice)
            st.caption(f"Of {basis.describe(evaluated, project)}.")
        with st.container():
            confusion_matrix.choose_pair(evaluated, levels, choice)
            pictures.show_pictures(project, evaluated, levels, choice)


def _show_panel(
    panel: str,
    project: ProjectSummary,
    evaluated: Evaluated,
    levels: Levels,
    options: confusion_matrix.Options,
    choice: Choice,
) -> None:
    shown: dict[str, Callable[[], None]] = {
        "matrix": lambda: confusion_matrix.show_matrix(evaluated, levels, options, choice),
        "labels": lambda: label_table.show_label_table(evaluated),
        "scores": lambda: scores.show_scores(evaluated, choice),
        "slices": lambda: slices.show_slices(evaluated),
        "taught": lambda: taught_by.show_teachers(project, evaluated, levels, choice),
        "why": lambda: error_causes.show_causes(evaluated, choice),
    }
    shown[panel]()
