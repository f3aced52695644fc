"""Page: compare."""

from curate import ui

ui.heading("compare")
project = ui.chosen_project(needs_images=True)
ui.next_step(project, here="compare")
