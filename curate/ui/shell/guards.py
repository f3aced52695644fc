"""What stands at the top of every page: it has what it needs, or says what to do; and what a mistake looks like."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.errors import CurateError, NotFound
from curate.ui.rendering import formatting
from curate.ui.shell import current_project, navigation


def chosen_project(needs_images: bool = False, or_unlabelled: bool = False) -> ProjectSummary:
    """The project of the address. With none, or an unknown one, says so, links to where one is made, and stops.

    needs_images: whether the page has no sense for a project without a labelled picture.  or_unlabelled: pictures
    without a label will do, too.
    """
    project_id = current_project.chosen_id()
    if project_id is None:
        _stop("There is no project yet.", "overview", "Open the sample project or import a folder")
    try:
        project = projects.find_project(project_id)
    except NotFound:
        _stop("The address names a project that is not here (any more).", "overview", "See the projects there are")
    if or_unlabelled and project.n_unlabelled:
        return project
    if needs_images and not project.n_images and project.n_unlabelled:
        pictures = formatting.counted(project.n_unlabelled, "picture")
        _stop(f"{formatting.plain(project.name, 60)} has {pictures}, none of them with a label.", "label", "Label them")
    if needs_images and not project.n_images:
        _stop(f"{formatting.plain(project.name, 60)} has no pictures yet.", "gather", "Import pictures")
    return project


@contextmanager
def shown_errors() -> Iterator[None]:
    """What the person can mend is said in place; everything else is our bug and goes through."""
    try:
        yield
    except CurateError as error:
        show_error(error)


def show_error(error: CurateError) -> None:
    """The error's sentence and hint, letter by letter: both may quote texts from people."""
    hint = f"\n\n{formatting.plain(error.hint, 600)}" if error.hint else ""
    st.error(formatting.plain(str(error), 600) + hint, icon=":material/error:")


def _stop(sentence: str, place: str, label: str) -> NoReturn:
    st.info(sentence, icon=":material/info:")
    if st.button(label, type="primary", key="guard", icon=f":material/{navigation.PLACES[place].icon}:"):
        navigation.go(place, project_id=0 if place == "overview" else None)
    st.stop()
