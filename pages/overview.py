"""Page: the projects, their state, and the next step."""

import streamlit as st

from curate import ui
from curate.catalog import projects
from curate.ui.overview import label_balance, project
from curate.ui.shell import current_project
from curate.ui.team import notes

known = projects.list_projects()
chosen = next((project for project in known if project.id == current_project.chosen_id()), None)

if not known:
    project.show_start()
elif chosen:
    project.show_heading(chosen)
else:
    ui.heading("overview")
    st.info("The address names a project that is not here (any more). These are:", icon=":material/info:")

notes.show_questions()
ui.job_panel(chosen, "overview")

if chosen:
    project.show_project(chosen)
    label_balance.show_balance(chosen)
if known:
    project.show_projects(known, chosen)
