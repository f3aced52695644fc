"""What was done last on the Duplicates page and is gone from it, each with its undo."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.review.deciding import duplicates as review
from curate.review.deciding.duplicates import Bulk
from curate.ui.rendering import formatting
from curate.ui.shell import guards, identity, undo_key

BULK_UNDO, DIFFERENT_UNDO = "bulk_undo", "undo_different"  # keys of the buttons
_BULK = "bulk_done"  # (project, what was decided in bulk)
_DIFFERENT = "said_different"  # (project, images that are no duplicates)


def remember_bulk(project: ProjectSummary, bulk: Bulk) -> None:
    """Offer to undo what was decided in bulk."""
    st.session_state[_BULK] = (project.id, bulk)
    undo_key.remember(BULK_UNDO)


def remember_different(project: ProjectSummary, image_ids: list[int]) -> None:
    """Offer to undo that these are no duplicates."""
    st.session_state[_DIFFERENT] = (project.id, image_ids)
    undo_key.remember(DIFFERENT_UNDO)


def undo_keys(project: ProjectSummary) -> list[str]:
    """Returns the keys of the undo buttons that `show_last_done` puts on the page."""
    return [key for key, state in ((BULK_UNDO, _BULK), (DIFFERENT_UNDO, _DIFFERENT)) if _of(project, state) is not None]


def show_last_done(project: ProjectSummary, newest: str | None, on_undone: Callable[[], None]) -> None:
    """Show a line for each. newest: the key of the button that Ctrl-Z presses. on_undone: called after an undo."""
    bulk: Bulk | None = _of(project, _BULK)
    if bulk is not None:
        n_groups = formatting.counted(len(bulk.groups), "group")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.success(
                f"{formatting.counted(bulk.n_delete, 'picture')} of {n_groups} wait to be deleted.",
                icon=":material/check_circle:",
            )
            _undo_button(BULK_UNDO, newest, lambda: _take_back(project, bulk), on_undone)
    image_ids: list[int] | None = _of(project, _DIFFERENT)
    if image_ids is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            n_pictures = formatting.counted(len(image_ids), "picture")
            st.caption(f"{n_pictures} will not be shown together again.", width="content")
            _undo_button(DIFFERENT_UNDO, newest, lambda: _say_alike(project, image_ids), on_undone)


def _of(project: ProjectSummary, state: str) -> Any:
    """Returns what the session remembers, if it was done in this project."""
    project_id, what = st.session_state.get(state, (None, None))
    return what if project_id == project.id else None


def _undo_button(key: str, newest: str | None, undo: Callable[[], None], on_undone: Callable[[], None]) -> None:
    if undo_key.show_button(key, newest):
        with guards.shown_errors():
            undo()
            undo_key.forget(key)
            on_undone()
            st.rerun()


def _take_back(project: ProjectSummary, bulk: Bulk) -> None:
    review.take_back(project.id, bulk, identity.reviewer())
    st.session_state.pop(_BULK)


def _say_alike(project: ProjectSummary, image_ids: list[int]) -> None:
    review.unmark_different(project.id, image_ids)
    st.session_state.pop(_DIFFERENT)
