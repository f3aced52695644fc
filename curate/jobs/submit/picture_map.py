"""Submits jobs that make a map."""

from curate.catalog import jobs as rows
from curate.jobs import client

KIND = "map"


def ensure(project_id: int, by: str, afresh: bool = False) -> int:
    """Returns the id of the job that makes the project's map: an open one, or a new one.

    afresh: make a new layout; else pictures on the last map keep roughly their place.
    """
    open_ids = [row.id for row in rows.open_jobs() if row.kind == KIND and row.project_id == project_id]
    return open_ids[0] if open_ids else client.enqueue(KIND, project_id, {"afresh": afresh}, submitted_by=by)
