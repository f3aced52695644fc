"""Page: gather."""

from curate import ui

ui.heading("gather")
