"""Page: everything that happened to the project; any version can be restored."""

import streamlit as st

from curate import ui
from curate.ui import history_view

ui.heading("history")
project = ui.chosen_project()

history_view.show_said()
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    show = history_view.choose_kinds()
    with st.container(horizontal=True, width="content", vertical_alignment="center"):
        ui.link("write_back", "Write back to the folder")
        history_view.show_bin(project)

if show == "Decisions":
    history_view.show_decisions(project)
else:
    history_view.show_events(project, show)
