"""Submits the jobs of a write-back, after the checks that can be made at once."""

from curate import jobs
from curate.catalog import jobs as rows
from curate.catalog import write_backs
from curate.errors import Conflict
from curate.write_back import folder, moving

KINDS = ("plan_write_back", "write_back", "undo_write_back")


def preview(project_id: int, author: str, named: str | None = None) -> int:
    """Queue the preview; returns the job's id. Raises BadInput when there is nothing to write back to."""
    root = folder.choose(project_id, named)
    _check_idle(project_id)
    write_back_id = write_backs.begin(project_id, str(root), author)
    title = f"Preview writing back to {root.name}"
    return jobs.enqueue("plan_write_back", project_id, {"write_back": write_back_id}, title, author)


def start(write_back_id: int, author: str) -> int:
    """Queue a planned write-back, or its continuation; returns the job's id. Raises Conflict."""
    row = write_backs.find(write_back_id)
    _check_idle(row.project_id)
    if row.state not in ("planned", "writing"):
        raise Conflict("This write-back is not waiting to be carried out.", "Look at a new preview.")
    return jobs.enqueue("write_back", row.project_id, {"write_back": row.id}, "Write back", author)


def start_undo(write_back_id: int, author: str) -> int:
    """Queue the undo of a write-back; returns the job's id. Raises Conflict."""
    row = write_backs.find(write_back_id)
    _check_idle(row.project_id)
    moving.check_undo(row)
    return jobs.enqueue("undo_write_back", row.project_id, {"write_back": row.id}, "Roll a write-back back", author)


def _check_idle(project_id: int) -> None:
    if any(job.kind in KINDS and job.project_id == project_id for job in rows.open_jobs()):
        raise Conflict("The folder is being looked at or written to right now.", "Wait until that is done.")
