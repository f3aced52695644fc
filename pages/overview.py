"""Page: what there is, how good it is, and what to do next."""

import streamlit as st

from curate import ui
from curate.catalog import projects
from curate.ui import balance_view, choice, glance, team_notes

known = projects.list_projects()
chosen = next((project for project in known if project.id == choice.chosen_id()), None)

if not known:
    glance.show_start()
elif chosen:
    glance.show_heading(chosen)
else:
    ui.heading("overview")
    st.info("The address names a project that is not here (any more). These are:", icon=":material/info:")

team_notes.show_questions()
ui.job_panel(chosen, ("sample", "import"))

if chosen:
    glance.show_project(chosen)
    balance_view.show(chosen)
if known:
    glance.show_projects(known, chosen)
