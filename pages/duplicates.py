"""Page: pictures that are nearly the same, side by side, and what becomes of them."""

import streamlit as st

from curate import ui
from curate.ui import apply_bar, duplicates_bulk, duplicates_filters, duplicates_view

top = st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute")
with top, st.container(width="content"):
    ui.heading("duplicates")
project = ui.chosen_project(needs_images=True)
with top, st.container(width="content"):
    apply_bar.show(project, here="duplicates")

ui.job_panel(project, ("quality",))
duplicates_filters.look_again(project)
distance, which = duplicates_filters.ask(project)
duplicates_bulk.show(project, distance)
duplicates_view.show(project, distance, which)
