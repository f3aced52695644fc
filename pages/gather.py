"""Page: bring pictures into the project."""

import streamlit as st

from curate import ui
from curate.catalog import projects
from curate.ui.gather import form, import_result, linked_files, preview, report
from curate.ui.shell import current_project

project = next((each for each in projects.list_projects() if each.id == current_project.chosen_id()), None)

ui.heading("gather", project)
with st.container():  # comes and goes; what is typed into the form below must not go with it
    ui.job_panel(project, "gather")
with st.container():
    form.show(project)
if project and not form.is_new_wanted():
    preview.show(project)
    report.show(project)
    import_result.show_last_import(project)
    linked_files.show(project)
    import_result.show_twins(project)
