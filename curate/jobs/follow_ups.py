"""Jobs that follow others by themselves.

After pictures came in, their quality is looked at; a finished run predicts the images that have no label.
"""

from curate.catalog import jobs as rows
from curate.catalog import quality, runs
from curate.catalog.jobs import JobRow
from curate.jobs.client import enqueue
from curate.jobs.kinds import find_job_kind
from curate.jobs.runtime import prewarmed
from curate.jobs.submit import quick_look, run_predictions

QUALITY = "quality"


def follow(job_id: int) -> int | None:
    """Id of the job that a finished one asks for; None when it asks for none.

    A look at the quality follows itself, too, when more came in while it went on.
    """
    row = rows.find_job(job_id)
    kind = find_job_kind(row.kind)
    if kind.brings_pictures or kind.is_training:
        prewarmed.expect()  # people train next, or once more
    if row.status == "done" and (kind.makes_run or row.kind == quick_look.REFIT):
        run = runs.run_of_job(job_id)
        return run_predictions.ensure(run, row.submitted_by) if run else None
    if row.status != "done" or not (kind.brings_pictures or row.kind == QUALITY):
        return None
    project_id = row.project_id or (row.result or {}).get("project_id")
    return ensure_quality(int(project_id), row.submitted_by) if project_id else None


def ensure_quality(project_id: int, submitted_by: str) -> int | None:
    """Id of the job that looks at the quality of what is new, submitted unless one waits; None when nothing is."""
    if not quality.is_behind(project_id):
        return None
    job = open_quality_job(project_id)
    return job.id if job else enqueue(QUALITY, project_id, {}, submitted_by=submitted_by)


def open_quality_job(project_id: int) -> JobRow | None:
    """The open job that looks at the project's quality."""
    return next((row for row in rows.open_jobs() if row.kind == QUALITY and row.project_id == project_id), None)
