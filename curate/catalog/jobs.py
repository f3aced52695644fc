"""The rows of jobs, which hold the truth about work that outlives a page.

Each change of status is one function: an update with the old status in its `where`. Of two callers, the second changes
nothing and gets False.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from curate.catalog.database import reading, writing
from curate.catalog.tables.core import Job, Run, now
from curate.errors import NotFound

OPEN = ("queued", "running")


@dataclass(frozen=True)
class JobRow:
    """A job as the panel shows it; `progress` has done, total, message and the fields of its kind."""

    id: int
    project_id: int | None
    kind: str
    title: str
    args: dict[str, Any]
    status: str
    cancel: str | None
    submitted_by: str
    progress: dict[str, Any]
    result: dict[str, Any] | None
    message: str | None
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.status in OPEN


def add_job(kind: str, title: str, project_id: int | None, args: dict[str, Any], submitted_by: str) -> int:
    """Queue a new job; returns its id."""
    job = Job(kind=kind, title=title, project_id=project_id, args=args, submitted_by=submitted_by)
    with writing() as session:
        session.add(job)
    return job.id


def find_job(job_id: int) -> JobRow:
    """Returns the job with this id. Raises NotFound."""
    with reading() as session:
        job = session.get(Job, job_id)
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    return _row(job)


def list_jobs(
    project_id: int | None = None, statuses: tuple[str, ...] = (), limit: int = 50, before: int | None = None
) -> list[JobRow]:
    """Returns jobs of one project or of all, newest first; before: only those with a smaller id."""
    query = select(Job).order_by(Job.id.desc()).limit(limit)
    if project_id is not None:
        query = query.where(Job.project_id == project_id)
    if statuses:
        query = query.where(Job.status.in_(statuses))
    if before is not None:
        query = query.where(Job.id < before)
    with reading() as session:
        return [_row(job) for job in session.scalars(query)]


def open_jobs() -> list[JobRow]:
    """Returns all queued and running jobs, oldest first."""
    with reading() as session:
        return [_row(job) for job in session.scalars(select(Job).where(Job.status.in_(OPEN)).order_by(Job.id))]


def experiment_jobs(project_id: int, experiment_id: int) -> list[JobRow]:
    """Returns the jobs of an experiment, oldest first; reads the project's jobs, as `args` has no index."""
    of_it = Job.args["experiment_id"].as_integer() == experiment_id
    query = select(Job).where(Job.project_id == project_id, of_it).order_by(Job.id)
    with reading() as session:
        return [_row(job) for job in session.scalars(query)]


def jobs_with_uploads() -> list[JobRow]:
    """Returns all jobs with uploaded files: `incoming` in their args names the folder."""
    query = select(Job).where(Job.args["incoming"].as_string().is_not(None))
    with reading() as session:
        return [_row(job) for job in session.scalars(query)]


def ended_after(moment: datetime, limit: int = 500) -> list[JobRow]:
    """Returns the jobs that ended after that moment, in the order in which they ended, among the newest 5,000."""
    newest = select(func.max(Job.id)).scalar_subquery()
    ended = (Job.id > newest - 5_000, Job.status.not_in(OPEN), Job.finished_at > moment)
    with reading() as session:
        return [_row(job) for job in session.scalars(select(Job).where(*ended).order_by(Job.finished_at).limit(limit))]


def count_jobs() -> dict[str, int]:
    """Returns {status: number of jobs}."""
    with reading() as session:
        return dict(session.execute(select(Job.status, func.count()).group_by(Job.status)).all())


def start(job_id: int) -> bool:
    """queued → running; False when another process has it, or it was cancelled."""
    return _change(job_id, ("queued",), status="running", started_at=now(), heartbeat_at=now())


def beat(job_id: int) -> bool:
    """Record a heartbeat; False when the job is no longer running: its process should end."""
    return _change(job_id, ("running",), heartbeat_at=now())


def report(job_id: int, progress: dict[str, Any]) -> bool:
    """Store progress, which counts as a heartbeat; False when the job is no longer running."""
    return _change(job_id, ("running",), progress=progress, heartbeat_at=now())


def finish(job_id: int, result: dict[str, Any]) -> bool:
    """running → done."""
    return _change(job_id, ("running",), status="done", result=result, finished_at=now())


def fail(job_id: int, message: str, result: dict[str, Any] | None = None) -> bool:
    """queued or running → failed, with the sentence for people, and the result of a job that brought nothing."""
    return _change(job_id, OPEN, status="failed", message=message, result=result, finished_at=now())


def ask_to_cancel(job_id: int, how: str) -> bool:
    """Ask a running job to end; a queued one is cancelled at once.

    way: `keep` = keep what it has, `epoch` = the same after this epoch, `discard` = throw it away.
    """
    if _change(job_id, ("queued",), status="cancelled", cancel=how, finished_at=now()):
        return True
    return _change(job_id, ("running",), cancel=how)


def mark_cancelled(job_id: int) -> bool:
    """running → cancelled."""
    return _change(job_id, ("running",), status="cancelled", message="Cancelled.", finished_at=now())


def silent_jobs(older_than_s: float) -> list[int]:
    """Returns running jobs whose last heartbeat is older than that: their process has died."""
    with reading() as session:
        return list(
            session.scalars(
                select(Job.id).where(
                    Job.status == "running", Job.heartbeat_at < now() - timedelta(seconds=older_than_s)
                )
            )
        )


def fail_if_silent(job_id: int, older_than_s: float, message: str) -> bool:
    """running → failed, unless a heartbeat came in since."""
    is_silent = Job.heartbeat_at < now() - timedelta(seconds=older_than_s)
    return _change(job_id, ("running",), also=is_silent, status="failed", message=message, finished_at=now())


def restart_if_silent(job_id: int, older_than_s: float, message: str) -> bool:
    """running → queued, once per job, unless it is to be discarded or a heartbeat came in since.

    message: the reason; its presence shows that the job was restarted.
    """
    may = (Job.heartbeat_at < now() - timedelta(seconds=older_than_s)) & Job.message.is_(None)
    is_wanted = Job.cancel.is_(None) | (Job.cancel != "discard")
    return _change(job_id, ("running",), also=may & is_wanted, status="queued", message=message)


def newest_result(project_id: int, kind: str) -> JobRow | None:
    """Returns the project's last finished job of this kind, or None."""
    query = select(Job).where(Job.project_id == project_id, Job.kind == kind, Job.status == "done")
    with reading() as session:
        job = session.scalars(query.order_by(Job.id.desc()).limit(1)).first()
    return _row(job) if job else None


def _change(job_id: int, old: tuple[str, ...], also: ColumnElement[bool] | None = None, **values: Any) -> bool:
    statement = update(Job).where(Job.id == job_id, Job.status.in_(old)).values(**values)
    if also is not None:
        statement = statement.where(also)
    with writing() as session:
        is_changed = session.execute(statement).rowcount == 1  # type: ignore[attr-defined]
        if is_changed and values.get("status") in ("failed", "cancelled"):
            _end_run(session, job_id, values["status"])
    return is_changed


def _end_run(session: Session, job_id: int, status: str) -> None:
    """End the job's run in the same transaction, so that a kill leaves neither looking alive."""
    unfinished = (Run.job_id == job_id, Run.status.in_(("waiting", "running")))
    session.execute(update(Run).where(*unfinished).values(status=status, finished_at=now()))


def _row(job: Job) -> JobRow:
    return JobRow(**{name: getattr(job, name) for name in JobRow.__dataclass_fields__})
