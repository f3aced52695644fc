"""A job's own process, `python -m curate job ID`: takes the row, does the work, and says how it ended."""

import sys
import traceback

from curate.catalog import jobs as rows
from curate.errors import CurateError
from curate.jobs.context import Cancelled, JobContext
from curate.jobs.follow_ups import follow
from curate.jobs.kinds import find_kind, work_of
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
        rows.fail(job_id, f"The {find_kind(row.kind).words} ran out of memory.")
        traceback.print_exc()
    except Exception as error:  # the one place: whatever went wrong must reach the row, or the job would look alive
        rows.fail(job_id, _unexpected(find_kind(row.kind).words, error))
        traceback.print_exc()
    sys.stderr.flush()
    return 0


def _unexpected(words: str, error: Exception) -> str:
    what = str(error).strip().splitlines()
    said = f"{type(error).__name__}: {what[0]:.200}" if what else type(error).__name__
    return f"The {words} stopped because of an unexpected error ({said}). The log has the details."
