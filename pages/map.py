"""Page: a map of all pictures, similar ones side by side."""

import streamlit as st

from curate import ui
from curate.ui import map_page

top = ui.page_header("map")
project = ui.chosen_project(needs_images=True)
with top, st.container(width=275):
    run_id = map_page.choose_run(project)
ui.job_panel(project, "map")
map_page.show_map(project, run_id)
