"""What all pages share. Only `ui`, the pages and the server know Streamlit."""

from curate.ui.shell.guards import chosen_project, show_error, shown_errors
from curate.ui.shell.identity import reviewer
from curate.ui.shell.jobs_panel import job_panel
from curate.ui.shell.navigation import go, link
from curate.ui.shell.next_step import heading, next_step, page_header

__all__ = [
    "chosen_project",
    "go",
    "heading",
    "job_panel",
    "link",
    "next_step",
    "page_header",
    "reviewer",
    "show_error",
    "shown_errors",
]
