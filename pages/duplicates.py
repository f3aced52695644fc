"""Page: pictures that are nearly the same, side by side, and what becomes of them."""

import streamlit as st

from curate import ui
from curate.ui.duplicates import bulk, filters, groups
from curate.ui.review import apply_button

top = ui.page_header("duplicates")
project = ui.chosen_project(needs_images=True)
with top, st.container(width="content"):
    apply_button.show_button(project, here="duplicates")

ui.job_panel(project, "duplicates")
filters.look_again(project)
distance, which = filters.ask(project)
bulk.show(project, distance)
groups.show(project, distance, which)
