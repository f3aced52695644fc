"""Page: groups of near-duplicates, and the decisions on them."""

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
distance, which = filters.choose_distance(project)
bulk.show_bulk(project, distance)
groups.show_groups(project, distance, which)
