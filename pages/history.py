"""Page: history."""

from curate import ui

ui.heading("history")
