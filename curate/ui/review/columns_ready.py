"""The columns that a large run's filters and pages stand on: made by a job, waited for in the page."""

import streamlit as st

from curate import jobs
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.review.listing import score_columns
from curate.ui.shell import identity, jobs_panel


def wait(project: ProjectSummary, run: RunRow) -> None:
    """Nothing when they are there, or made in a moment; else says so, shows how far they are, and stops the page."""
    if score_columns.is_ready(run.id):
        return
    is_asked = any(job.args.get("run_id") == run.id for job in jobs_panel.open_of(project.id, ("columns",)))
    if not is_asked:
        n = run.n_train + run.n_valid
        title = f"Get filters ready for {run.name}"
        jobs.enqueue("columns", project.id, {"run_id": run.id, "n": n}, title, identity.reviewer())
    st.info("Getting the filters of this run ready; this is done once and takes some seconds.", icon=":material/tune:")
    jobs_panel.job_panel(project, ("columns",))
    st.stop()
