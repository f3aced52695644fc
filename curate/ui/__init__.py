"""What the pages share; besides them and the server the only part that knows Streamlit."""

from curate.ui.guards import chosen_project, show_error, shown_errors
from curate.ui.identity import reviewer
from curate.ui.jobs_panel import job_panel
from curate.ui.places import go, link
from curate.ui.steps import heading, next_step

__all__ = [
    "chosen_project",
    "go",
    "heading",
    "job_panel",
    "link",
    "next_step",
    "reviewer",
    "show_error",
    "shown_errors",
]
