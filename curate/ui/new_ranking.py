"""While reviewing: says that the applied decisions are being taken in, and offers the new ranking when it is there."""

import streamlit as st

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.jobs import quick_looks
from curate.ui import review_queue, run_choice


def offer(project: ProjectSummary, shown_run_id: int) -> None:
    """A button once a quick look newer than the run on the page has finished; nothing moves by itself."""
    newest = next(iter(runs.list_runs(project.id, only_done=True)), None)
    if newest and newest.id > shown_run_id and quick_looks.is_quick(newest):
        if st.button(f"Go on with the new ranking ({newest.name})", key="new_ranking", icon=":material/bolt:"):
            review_queue.start_over()
            run_choice.write(**{run_choice.ADDRESS: newest.id})
            st.rerun()
    elif quick_looks.is_refitting(project.id):
        st.caption("Taking in what was applied…")
