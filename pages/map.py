"""Page: all pictures at once, those that look alike together."""

from curate import ui
from curate.ui import map_view

ui.heading("map")
project = ui.chosen_project(needs_images=True)
ui.job_panel(project, ("map",))
map_view.show(project)
