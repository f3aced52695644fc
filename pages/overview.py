"""Page: overview."""

from curate import ui

ui.heading("overview")
