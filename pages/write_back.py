"""Page: move the files of a project's source folder to follow its labels, and undo that."""

from curate import ui
from curate.ui import write_back_page

ui.heading("write_back")
project = ui.chosen_project(needs_images=True)
write_back_page.show_write_back(project)
