"""Maps asked for. Nothing here makes one, nor imports what does."""

from curate.catalog import jobs as rows
from curate.jobs import client

KIND = "map"


def ensure(project_id: int, by: str, afresh: bool = False) -> int:
    """Id of the job that makes the project's map: one that waits or runs already, or a new one.

    afresh: laid out from nothing; else what is on the last map keeps about its place.
    """
    open_ids = [row.id for row in rows.open_jobs() if row.kind == KIND and row.project_id == project_id]
    return open_ids[0] if open_ids else client.enqueue(KIND, project_id, {"afresh": afresh}, submitted_by=by)
