"""Page: curate."""

from curate import ui

ui.heading("curate")
project = ui.chosen_project(needs_images=True)
ui.next_step(project, here="curate")
