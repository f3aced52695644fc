"""Page: review doubtful pictures and correct wrong labels."""

import streamlit as st

from curate import ui
from curate.ui.review import apply_button, bulk, columns_ready, filters, grid_page, when_to_stop
from curate.ui.shell import run_picker
from curate.ui.team import session

top = ui.page_header("curate")
project = ui.chosen_project(needs_images=True)
if together := session.chosen(project):
    if not together.hides_all:  # what it counts by label would tell of labels that are hidden
        with top, st.container(width="content"):
            apply_button.show_button(project, together.run_id)
    session.show_session(project, together)
    st.stop()
finished = run_picker.finished_runs(project)  # what it says without a run takes the page's whole width
with top:
    with st.container(width=275):
        run = run_picker.choose(finished, stays=True, purpose="review")
    with st.container(width="content"):
        apply_button.show_button(project, run.id)
columns_ready.wait(project, run)
view, size = filters.show_filters(project, run)
bulk.show_done(project)
when_to_stop.show_estimate(run)
grid_page.show_grid(project, view, size)
