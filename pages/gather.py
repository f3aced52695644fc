"""Page: add pictures to the project."""

import streamlit as st

from curate import ui
from curate.catalog import projects
from curate.ui.gather import brought, form, import_result, linked_files, preview, report
from curate.ui.shell import current_project

project = next((each for each in projects.list_projects() if each.id == current_project.chosen_id()), None)
is_here = project is not None and not form.is_new_wanted()
news = brought.latest_news(project) if is_here else None

ui.heading("gather", None if news else project)
with st.container():  # comes and goes; what is typed into the form below must not go with it
    ui.job_panel(project, "gather")
with st.container():  # what just came in, where its bar stood
    if project and news:
        (report.show if news.kind == "gather" else import_result.show_last_import)(project)
with st.container():
    form.show(project)
if project and is_here:
    preview.show(project)
    if news is None or news.kind != "gather":
        report.show(project)
    if news is None or news.kind != "import":
        import_result.show_last_import(project)
    linked_files.show(project)
    import_result.show_twins(project)
