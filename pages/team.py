"""Page: review together: sessions, what people disagree about, how far they agree, and who did what."""

import streamlit as st

from curate import ui
from curate.ui import team_pages

ui.heading("team")
project = ui.chosen_project(needs_images=True)

image_id = team_pages.chosen_image(project)
if image_id is not None:
    team_pages.show_image(project, image_id)
    st.stop()
team_pages.show(project, team_pages.choose(project))
