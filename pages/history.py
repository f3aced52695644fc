"""Page: the project's timeline; any version can be restored."""

import streamlit as st

from curate import ui
from curate.ui import history_page

ui.heading("history")
project = ui.chosen_project()

history_page.show_message()
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    show = history_page.choose_kinds()
    with st.container(horizontal=True, width="content", vertical_alignment="center"):
        ui.link("write_back", "Write back to the folder")
        history_page.show_bin(project)

if show == "Decisions":
    history_page.show_decisions(project)
else:
    history_page.show_events(project, show)
