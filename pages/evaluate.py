"""Page: evaluate."""

from curate import ui

ui.heading("evaluate")
project = ui.chosen_project(needs_images=True)
ui.next_step(project, here="evaluate")
