"""Page: take a version's pictures and labels, or a model, elsewhere."""

from curate import ui
from curate.ui.export import earlier, form, model

ui.heading("export")
project = ui.chosen_project(needs_images=True)
form.show_form(project)
ui.job_panel(project, kinds="export")
earlier.show_failure(project)
earlier.show_earlier(project)
model.show_model(project)
