"""Page: review together: sessions, disagreements, agreement, and the log of decisions."""

import streamlit as st

from curate import ui
from curate.ui.team import tabs

ui.heading("team")
project = ui.chosen_project(needs_images=True, or_unlabelled=True)

image_id = tabs.chosen_image(project)
if image_id is not None:
    tabs.show_image(project, image_id)
    st.stop()
tabs.show_tab(project, tabs.choose(project))
