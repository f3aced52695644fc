"""Page: train."""

from curate import ui

ui.heading("train")
project = ui.chosen_project(needs_images=True)
ui.next_step(project, here="train")
