"""Page: look at what the model found hard, and put wrong labels right."""

import streamlit as st

from curate import ui
from curate.ui import (
    apply_bar,
    review_bulk,
    review_filters,
    review_outlook,
    review_queue,
    review_ready,
    run_choice,
    team_session,
)

top = st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute")
with top, st.container(width="content"):
    ui.heading("curate")
project = ui.chosen_project(needs_images=True)
if together := team_session.chosen(project):
    with top, st.container(width="content"):
        apply_bar.show(project, together.run_id)
    team_session.show(project, together)
    st.stop()
finished = run_choice.finished_runs(project)  # what it says without a run takes the page's whole width
with top:
    with st.container(width=275):
        run = run_choice.choose(finished, stays=True)
    with st.container(width="content"):
        apply_bar.show(project, run.id)
review_ready.wait(project, run)
view, size = review_filters.ask(project, run)
review_bulk.show_done(project)
review_outlook.show(run)
review_queue.show(project, view, size)
