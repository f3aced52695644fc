"""Shows on the Curate page that a new ranking is being made from the applied decisions, or is ready."""

import streamlit as st

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.jobs.submit import quick_look
from curate.ui.review import grid_page, view_url
from curate.ui.shell import query_params, run_picker


def show_new_ranking(project: ProjectSummary, shown_run_id: int) -> None:
    """Show a button once a quick look newer than the run on the page has finished; the list stays until a click."""
    newest = next(iter(runs.list_runs(project.id, only_done=True)), None)
    if newest and newest.id > shown_run_id and quick_look.is_quick(newest):
        # A short text: a higher header would move the grid.
        help_text = "A new ranking that has taken in what was applied is ready. Your decisions and filters stay."
        if st.button(f"Go on with {newest.name}", key="new_ranking", icon=":material/bolt:", help=help_text):
            grid_page.start_over()
            # Start on the first page: the place in the old order means nothing in the new one.
            query_params.write(**{run_picker.ADDRESS: newest.id, view_url.PAGE: None})
            st.rerun()
    elif quick_look.is_refitting(project.id):
        st.caption("Taking in what was applied…")
