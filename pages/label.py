"""Page: give labels to pictures that have none."""

import streamlit as st

from curate import ui
from curate.ui.label import accepting, grid_page, suggester, suggesting
from curate.ui.review import apply_button
from curate.ui.team import session

top = ui.page_header("label")
project = ui.chosen_project()
with top, st.container(width="content"):
    apply_button.show_button(project, here="label")
if together := session.chosen(project):
    suggesting.show_state(project, None)
    session.show_session(project, together)
    st.stop()
if not project.n_unlabelled:
    st.info("Every picture of the project has a label.", icon=":material/check_circle:")
    ui.link("gather", "Bring in pictures without labels")
    st.stop()
if chosen := accepting.find_chosen(project):
    accepting.show_check(project, chosen)
    st.stop()
ui.job_panel(project, "label")
suggesting.show_failure(project)
accepting.show_done()
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    order = grid_page.show_orders()
    run_id = suggester.show_choice(project)
    accepting.show_button(project, run_id)
    with st.container(width="stretch"):
        suggesting.show_state(project, run_id)
grid_page.show_grid(project, order, run_id)
