"""Page: predict."""

from curate import ui

ui.heading("predict")
project = ui.chosen_project(needs_images=True)
ui.next_step(project, here="predict")
