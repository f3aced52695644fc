"""Page: bring pictures into the project."""

import streamlit as st

from curate import ui
from curate.catalog import projects
from curate.ui import choice, gather_form, gather_links, gather_preview, gather_report, gather_result

project = next((each for each in projects.list_projects() if each.id == choice.chosen_id()), None)

ui.heading("gather", project)
with st.container():  # comes and goes; what is typed into the form below must not go with it
    ui.job_panel(project, ("import", "gather", "preview", "sample"))
with st.container():
    gather_form.show(project)
if project and not gather_form.is_new_wanted():
    gather_preview.show(project)
    gather_report.show(project)
    gather_result.show_last_import(project)
    gather_links.show(project)
    gather_result.show_twins(project)
