"""Waits for the columns of a large run, which its filters and pages need and a job makes."""

import streamlit as st

from curate import jobs
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.review.listing import score_columns
from curate.ui.shell import identity, jobs_panel


def wait(project: ProjectSummary, run: RunRow) -> None:
    """Return if the columns exist or are quick to make; else queue the job, show its progress, and stop the page."""
    if score_columns.is_ready(run.id):
        return
    is_queued = any(job.args.get("run_id") == run.id for job in jobs_panel.open_of(project.id, ("columns",)))
    if not is_queued:
        n = run.n_train + run.n_valid
        title = f"Get filters ready for {run.name}"
        jobs.enqueue("columns", project.id, {"run_id": run.id, "n": n}, title, identity.reviewer())
    st.info("Getting the filters of this run ready; this is done once and takes some seconds.", icon=":material/tune:")
    jobs_panel.job_panel(project, ("columns",))
    st.stop()
