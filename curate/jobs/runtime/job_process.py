"""A job's own process, `python -m curate job ID`: takes the row, does the work, and says how it ended."""

import sys
import traceback

from curate.catalog import jobs as rows
from curate.errors import CurateError
from curate.jobs.context import Cancelled, JobContext
from curate.jobs.follow_ups import follow
from curate.jobs.kinds import find_job_kind, work_of
from curate.jobs.runtime.heartbeat import Heartbeat


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
    except CurateError as error:
        rows.fail(job_id, f"{error} {error.hint}".strip())
        traceback.print_exc()
    except MemoryError:
        rows.fail(job_id, f"The {find_job_kind(row.kind).noun} ran out of memory.")
        traceback.print_exc()
    except Exception as error:  # the one place: whatever went wrong must reach the row, or the job would look alive
        rows.fail(job_id, _unexpected(find_job_kind(row.kind).noun, error))
        traceback.print_exc()
    sys.stderr.flush()
    return 0


def _unexpected(noun: str, error: Exception) -> str:
    lines = str(error).strip().splitlines()
    cause = f"{type(error).__name__}: {lines[0]:.200}" if lines else type(error).__name__
    return f"The {noun} stopped because of an unexpected error ({cause}). The log has the details."
