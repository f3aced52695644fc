"""The next step of the loop: where a project stands, and the one button that leads on."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from curate import jobs
from curate.catalog import projects, runs
from curate.catalog.jobs import OPEN
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.jobs.kinds import describe
from curate.review.deciding.decisions import waiting
from curate.review.reports.run_comparison import pair_around_cleaning
from curate.ui.rendering import formatting
from curate.ui.shell import navigation


@dataclass(frozen=True)
class Step:
    """Where to go next, with the button's words; `query` is the rest of the address."""

    place: str
    label: str
    query: tuple[tuple[str, str], ...] = ()


def page_header(name: str) -> DeltaGenerator:
    """The page's title and its sentence of purpose; returns the row that holds them, for what stands beside them."""
    place = navigation.PLACES[name]
    row = st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute")
    with row, st.container(width="content"):
        st.title(place.title, anchor=False, width="content")
        st.caption(place.purpose)
    return row


def heading(name: str, project: ProjectSummary | None = None) -> None:
    """The page's title and its sentence of purpose below; with a project, its next step beside the title."""
    place = navigation.PLACES[name]
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title(place.title, anchor=False, width="content")
        if project:
            next_step(project, here=name)
    st.caption(place.purpose)


def next_step(project: ProjectSummary, here: str = "") -> None:
    """The one visible button to the next step. `here`: the page it stands on, where the step itself needs no button."""
    step = find_step(project)
    if step.place == here:
        return
    if st.button(step.label, type="primary", key="next_step", icon=":material/arrow_forward:", icon_position="right"):
        navigation.go(step.place, dict(step.query))


def find_step(project: ProjectSummary) -> Step:
    """What the loop asks for next: pictures, a first model, decisions, applying them, a new model, the comparison."""
    if not project.has_pictures:
        return Step("gather", "Import pictures")
    if project.n_images == 0:
        return _label_first(project)
    if any(describe(job).makes_run for job in jobs.list_jobs(project.id, statuses=OPEN)):
        return Step("train", "Watch it learn")
    finished = runs.outside_experiments(runs.list_runs(project.id, only_done=True))
    if n := waiting(project.id).total:
        return Step("curate", f"{formatting.counted(n, 'decision')} waiting → Apply")
    if not finished and sum(label.n_train + label.n_valid > 0 for label in projects.labels(project.id)) < 2:
        return _label_first(project) if project.n_unlabelled else Step("gather", "Add a second label")
    if not finished:
        return Step("train", "Train a first model")
    return _after_training(project, finished)


def _label_first(project: ProjectSummary) -> Step:
    if n := waiting(project.id).total:
        return Step("label", f"{formatting.counted(n, 'decision')} waiting → Apply")
    return Step("label", f"Label {formatting.counted(project.n_unlabelled, 'picture')}")


def _after_training(project: ProjectSummary, finished: list[RunRow]) -> Step:
    newest = finished[0]
    if project.version_number > newest.version_number:
        return Step("train", f"Retrain on version {project.version_number}")
    if len(finished) > 1 and finished[1].version_number < newest.version_number:
        before, after = pair_around_cleaning(finished)
        return Step("compare", f"See what the cleaning was worth: {before.name} and {after.name}")
    return Step("curate", f"Review what {newest.name} found hard")
