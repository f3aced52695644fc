"""What a Dask worker does with a job: start its process once, and watch it to the end.

The worker holds no part of the job. When it is killed, the job goes on, and whoever gets the task next watches the
process that lives instead of starting a second one.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from curate import settings, store
from curate.catalog import jobs as rows
from curate.jobs.heartbeat import GRACE_S
from curate.jobs.kinds import find_kind

ROOT = Path(__file__).parents[2]
POLL_S = 0.3
# A process that ended is believed dead when its row has been silent this long: longer than a heartbeat, so that the
# row of a process that another worker started is left alone.
SILENT_S = 3.0


def run_in_process(job_id: int, environment: dict[str, str]) -> None:
    """Return when the job has ended, however it ended. environment: the settings of the server that hands it over."""
    os.environ.update(environment)
    process = _start(job_id) if rows.find_job(job_id).status == "queued" else None
    _watch(job_id, process)
    if process is not None:  # not in a `finally`: a watcher that lost the database must not take the job with it
        _see_off(process)


def environment() -> dict[str, str]:
    """What a job's process needs to see of this one: every CURATE_ setting, and where this package lies."""
    seen = {name: os.environ[name] for name in settings.NAMES if os.environ.get(name)}
    seen.pop("CURATE_SCHEDULER", None)  # jobs do not submit to Dask
    path = [str(ROOT)] + [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    return seen | {"CURATE_HOME": str(settings.home()), "PYTHONPATH": os.pathsep.join(dict.fromkeys(path))}


def died_silently(kind: str, exit_code: int | None = None) -> str:
    """The sentence for a job whose process is gone without having said why; exit_code as Popen gives it."""
    if exit_code is None:
        why = "killed, or out of memory?"
    elif exit_code < 0:
        why = f"killed by signal {-exit_code}, or out of memory?"
    else:
        why = f"exit code {exit_code}"
    return f"The {find_kind(kind).words} process ended without a word ({why})."


def _start(job_id: int) -> subprocess.Popen[bytes]:
    with (store.job_folder(job_id) / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "curate", "job", str(job_id)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            close_fds=True,
        )


def _watch(job_id: int, process: subprocess.Popen[bytes] | None) -> None:
    discard_at: float | None = None
    while True:
        exit_code = process.poll() if process else None  # before the row is read: what it says then is final
        row = rows.find_job(job_id)
        if not row.is_open:
            return
        if row.cancel == "discard":
            discard_at = discard_at or time.monotonic()
        if exit_code is not None:
            _record_death(row, exit_code)
        elif process and discard_at and time.monotonic() - discard_at > 2 * GRACE_S:
            rows.mark_cancelled(job_id)  # it should have ended by itself by now, so it hangs; `_see_off` kills it
        time.sleep(POLL_S)


def _record_death(row: rows.JobRow, exit_code: int) -> None:
    if row.cancel == "discard":
        rows.mark_cancelled(row.id)
    elif row.status == "queued":
        rows.fail(row.id, died_silently(row.kind, exit_code))
    else:
        rows.fail_if_silent(row.id, SILENT_S, died_silently(row.kind, exit_code))


def _see_off(process: subprocess.Popen[bytes]) -> None:
    """Let a process whose row has ended go in peace, for two seconds; then kill it and all it started."""
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
