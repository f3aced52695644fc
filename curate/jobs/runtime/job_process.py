"""A job's own process, `python -m curate job ID`: takes the row, does the work, and says how it ended."""

import errno
import sys
import time
import traceback
from contextlib import suppress
from typing import Any

from sqlalchemy.exc import OperationalError

from curate.catalog import jobs as rows
from curate.errors import CurateError, NothingBrought
from curate.jobs.context import Cancelled, JobContext
from curate.jobs.follow_ups import follow
from curate.jobs.kinds import find_job_kind, work_of
from curate.jobs.runtime.heartbeat import Heartbeat

DISK_FULL = "The server's disk is full. Make room, then try again."
FULL_DISK_TRIES, FULL_DISK_WAIT_S = 60, 2.0  # for storing that sentence


def run_job(job_id: int) -> int:
    """Exit code of the process: 0 = the row says how the job ended, or another process has it. Raises NotFound."""
    row = rows.find_job(job_id)
    if not rows.start(job_id):
        print(f"Job {job_id} is not waiting to be run; another process has taken it, or it has ended.")
        return 0
    print(f"Job {job_id}: {row.title}", flush=True)
    context = JobContext(row)
    try:
        with Heartbeat(context):
            result = work_of(row.kind)(context)
        rows.finish(job_id, result or {})
        follow(job_id)
    except Cancelled:
        rows.mark_cancelled(job_id)
    except Exception as error:  # the one place: whatever went wrong must reach the row, or the job would look alive
        result = error.result if isinstance(error, NothingBrought) else None
        _record_failure(job_id, _explain(find_job_kind(row.kind).noun, error), result)
        with suppress(OSError):  # the log may lie on a full disk
            traceback.print_exc()
    with suppress(OSError):
        sys.stderr.flush()
    return 0


def _explain(noun: str, error: Exception) -> str:
    """The sentence for people on why a job failed."""
    if is_disk_full(error):
        return DISK_FULL
    if isinstance(error, CurateError):
        return f"{error} {error.hint}".strip()
    if isinstance(error, MemoryError):
        return f"The {noun} ran out of memory."
    return _unexpected(noun, error)


def is_disk_full(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, says that there is no space left."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if any(words in str(error) for words in ("No space left on device", "database or disk is full")):
            return True
        error = error.__cause__ or error.__context__
    return False


def _record_failure(job_id: int, message: str, result: dict[str, Any] | None) -> None:
    """Store why the job failed; on a full disk the database may have no room for it at first."""
    for _ in range(FULL_DISK_TRIES):
        try:
            rows.fail(job_id, message, result)
            return
        except OperationalError as error:
            if not is_disk_full(error):
                raise
            time.sleep(FULL_DISK_WAIT_S)


def _unexpected(noun: str, error: Exception) -> str:
    lines = str(error).strip().splitlines()
    cause = f"{type(error).__name__}: {lines[0]:.200}" if lines else type(error).__name__
    return f"The {noun} stopped because of an unexpected error ({cause}). The log has the details."
