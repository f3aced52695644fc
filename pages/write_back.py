"""Page: bring the folder that a project came from to the project's labels, and take that back."""

from curate import ui
from curate.ui import write_back_page

ui.heading("write_back")
project = ui.chosen_project(needs_images=True)
write_back_page.show(project)
