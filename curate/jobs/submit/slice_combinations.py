"""Submits the search for combinations of slices in which a run is worse."""

from curate.catalog import jobs as rows
from curate.jobs import client
from curate.review.reports.evaluated import Evaluated

KIND = "combinations"


def submit(evaluated: Evaluated, by: str) -> int:
    """Queue the search among these pictures; returns the job's id, or that of one that waits."""
    waiting = find_open(evaluated)
    title = f"Combinations of slices of {evaluated.run.name}"
    return waiting.id if waiting else client.enqueue(KIND, evaluated.run.project_id, _args(evaluated), title, by)


def find_open(evaluated: Evaluated) -> rows.JobRow | None:
    """Returns the job that searches among these pictures and has not ended."""
    open_rows = (row for row in rows.list_jobs(evaluated.run.project_id, rows.OPEN) if row.kind == KIND)
    return next((row for row in open_rows if row.args == _args(evaluated)), None)


def _args(evaluated: Evaluated) -> dict[str, object]:
    return {"run": evaluated.run.id, "split": evaluated.split, "source": evaluated.source}
