"""While reviewing: says that the applied decisions are being taken in, and offers the new ranking when it is there."""

import streamlit as st

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.jobs.submit import quick_look
from curate.ui.review import grid_page, view_url
from curate.ui.shell import query_params, run_picker


def offer(project: ProjectSummary, shown_run_id: int) -> None:
    """A button once a quick look newer than the run on the page has finished; nothing moves by itself."""
    newest = next(iter(runs.list_runs(project.id, only_done=True)), None)
    if newest and newest.id > shown_run_id and quick_look.is_quick(newest):
        # Few words: beside the other button it must not make the header higher, or the grid would jump.
        told = "A new ranking that has taken in what was applied is ready. Your decisions and filters stay."
        if st.button(f"Go on with {newest.name}", key="new_ranking", icon=":material/bolt:", help=told):
            grid_page.start_over()
            # What is undecided begins on its first page; the place in the old order means nothing in the new one.
            query_params.write(**{run_picker.ADDRESS: newest.id, view_url.PAGE: None})
            st.rerun()
    elif quick_look.is_refitting(project.id):
        st.caption("Taking in what was applied…")
