"""Adds pictures from Predict to the project, under their predicted label or a chosen one."""

from collections.abc import Sequence

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.catalog.tables.core import UNLABELLED
from curate.jobs.submit import predicted
from curate.tray.answers import Answers
from curate.ui.predict import known_images, results
from curate.ui.predict.answering_runs import AnsweringRun
from curate.ui.rendering import formatting
from curate.ui.shell import guards, identity
from curate.ui.shell.jobs_panel import job_panel

# No labels' names: a colon stands before them.
_CHOICES = {":as predicted": "As predicted", ":none": "Without a label: they wait on the Label page"}
_AS_PREDICTED, _WITHOUT = _CHOICES


def show(project: ProjectSummary, run: AnsweringRun, answers: Answers, numbers: Sequence[int]) -> None:
    """Draw the label's choice and the button for these pictures, and say which of them the project has."""
    known = known_images.labels(project.id, [answers.shas.get(number, "") for number in numbers])
    fresh = [number for number in numbers if answers.shas.get(number, "") not in known]
    with st.container(border=True):
        st.markdown("**Add to the project**")
        if n_known := len(numbers) - len(fresh):
            verb = "is" if n_known == 1 else "are"
            st.caption(f"{formatting.counted(n_known, 'picture')} {verb} in the project already, and left out.")
        if fresh:
            _ask(project, run, answers, fresh)
        job_panel(project, kinds=("import",))


def _ask(project: ProjectSummary, run: AnsweringRun, answers: Answers, numbers: list[int]) -> None:
    labels = [label.name for label in projects.labels(project.id)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = st.selectbox(
            "Label", [*_CHOICES, *labels], key="predict_add_label", accept_new_options=True, width=300,
            format_func=lambda name: _CHOICES.get(name) or formatting.shorten(name, 60),
        )  # fmt: skip
        is_asked = st.button(
            f"Add {formatting.counted(len(numbers), 'picture')}",
            key="predict_add",
            icon=":material/add_photo_alternate:",
        )
    unsure = results.collect(run.names, answers.of(run.run.id), numbers)
    if n := int(unsure.is_unfamiliar.sum()):
        st.caption(
            f"{n:,} of them {'is' if n == 1 else 'are'} unfamiliar." if len(numbers) > 1 else "It is unfamiliar."
        )
    if is_asked:
        guesses = dict(zip(unsure.numbers.tolist(), unsure.predicted_names, strict=True))
        with guards.shown_errors():
            name = None if choice in (None, *_CHOICES) else projects.clean_name(choice, "label")
            without = UNLABELLED if choice == _WITHOUT else None
            chosen = {number: name or (guesses[number] if without is None else without) for number in numbers}
            predicted.add(answers.tray, chosen, guesses, run.run, identity.reviewer())
            st.rerun()
