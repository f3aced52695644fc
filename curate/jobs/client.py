"""What pages and the command line do with jobs: enqueue, cancel, enqueue again, read the log. Nothing here runs one."""

from typing import Any

from curate import store
from curate.catalog import jobs as rows
from curate.errors import BadInput, Conflict
from curate.jobs import wake_up
from curate.jobs.kinds import find_job_kind

LOG_BYTES = 64_000  # the part at the end of a log that is read
WAYS_TO_CANCEL = ("discard", "keep", "epoch")


def enqueue(
    kind: str, project_id: int | None, args: dict[str, Any], title: str = "", submitted_by: str = "somebody"
) -> int:
    """Id of a new job, queued; a server takes it up within a second. args: whatever the kind needs, as JSON.

    Raises NotFound for an unknown kind.
    """
    default_title = find_job_kind(kind).title
    job_id = rows.add_job(kind, title or default_title, project_id, args, submitted_by)
    wake_up.ring()
    return job_id


def cancel(job_id: int, how: str = "discard") -> None:
    """Ask a job to end: `discard` = at once, `keep` = soon, with what it has so far; one that ended is left alone.

    `epoch` is a training's `keep` after the epoch that it is in. Raises BadInput for another word, NotFound.
    """
    if how not in WAYS_TO_CANCEL:
        raise BadInput(f"A job is cancelled with keep, epoch or discard, not {how!r:.50}.")
    rows.find_job(job_id)
    rows.ask_to_cancel(job_id, how)


def retry(job_id: int, submitted_by: str = "") -> int:
    """Id of a new job that does the same once more; one that failed goes on where it was, when its kind can.

    Raises NotFound, and Conflict while the old one is open.
    """
    row = rows.find_job(job_id)
    if row.is_open:
        raise Conflict(f"Job {job_id} has not ended.", "Cancel it first.")
    goes_on = find_job_kind(row.kind).resumes and row.status == "failed"
    args = row.args | ({"continues": job_id} if goes_on else {})
    return enqueue(row.kind, row.project_id, args, row.title, submitted_by or row.submitted_by)


def log_tail(job_id: int, n_lines: int = 20) -> str:
    """The last lines of what the job's process printed; empty when there is nothing. Never markup: show it as text."""
    path = store.job_folder(job_id) / "log.txt"
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - LOG_BYTES))
        lines = log.read().decode("utf-8", errors="replace").splitlines()
    return "\n".join(lines[-n_lines:])
