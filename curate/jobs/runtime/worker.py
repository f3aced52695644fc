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
from curate.catalog.tables.core import now
from curate.jobs.kinds import MORE_KINDS, find_job_kind
from curate.jobs.runtime.heartbeat import BEAT_S, GRACE_S
from curate.jobs.runtime.prewarmed import prewarmed

ROOT = Path(__file__).parents[3]
POLL_S = 0.3
SILENT_S = 10.0  # five heartbeats
# A job whose process was started here and was killed counts as dead after one missed heartbeat.
KILLED_SILENT_S = 3.0
VOUCH_AFTER_S = 2 * BEAT_S


def run_in_process(job_id: int, environment: dict[str, str]) -> None:
    """Return when the job has ended, however it ended. environment: the settings of the server that hands it over."""
    os.environ.update(environment)
    process = _watch(job_id)
    if process is not None:  # not in a `finally`: a watcher that lost the database must not take the job with it
        _end_process(process)


def environment() -> dict[str, str]:
    """What a job's process needs to see of this one: every CURATE_ setting, and where this package lies."""
    visible = {name: os.environ[name] for name in (*settings.NAMES, MORE_KINDS) if os.environ.get(name)}
    for unneeded in ("CURATE_SCHEDULER", "CURATE_SECRET"):  # a cluster's workers should not know the latter
        visible.pop(unneeded, None)
    path = [str(ROOT)] + [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    return visible | {"CURATE_HOME": str(settings.home()), "PYTHONPATH": os.pathsep.join(dict.fromkeys(path))}


def record_death(row: rows.JobRow, silent_s: float, exit_code: int | None = None) -> bool:
    """Store that a job's process is gone; False when a heartbeat came in within silent_s.

    A job of a kind that resumes is queued again, once; any other has failed.
    """
    why = died_silently(row.kind, exit_code)
    if find_job_kind(row.kind).resumes and rows.restart_if_silent(row.id, silent_s, f"{why} It was started again."):
        return True
    return rows.fail_if_silent(row.id, silent_s, why)


def died_silently(kind: str, exit_code: int | None = None) -> str:
    """The sentence for a job whose process is gone without having said why; exit_code as Popen gives it."""
    if exit_code is None:
        why = "killed, or out of memory?"
    elif exit_code < 0:
        why = f"killed by signal {-exit_code}, or out of memory?"
    else:
        why = f"exit code {exit_code}"
    return f"The {find_job_kind(kind).noun} process ended without a word ({why})."


def _start(row: rows.JobRow) -> subprocess.Popen[bytes]:
    log_file = store.job_folder(row.id) / "log.txt"
    process = prewarmed.take(row.id, log_file) if find_job_kind(row.kind).is_training else None
    if process is not None:
        return process
    with log_file.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "curate", "job", str(row.id)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            close_fds=True,
        )


def _watch(job_id: int) -> subprocess.Popen[bytes] | None:
    """The process that was started for the job, if one was; a job found waiting is started, at first and once more."""
    process: subprocess.Popen[bytes] | None = None
    discard_at: float | None = None
    n_started = 0
    while True:
        exit_code = process.poll() if process else None  # before the row is read: what it says then is final
        row = rows.find_job(job_id)
        if not row.is_open:
            return process
        if row.status == "queued" and (process is None or (exit_code is not None and row.message and n_started < 2)):
            process, n_started = _start(row), n_started + 1
            continue
        if row.cancel == "discard":
            discard_at = discard_at or time.monotonic()
        if exit_code is not None:
            _record_death(row, exit_code)
        elif process and discard_at and time.monotonic() - discard_at > 2 * GRACE_S:
            rows.mark_cancelled(job_id)  # it should have ended by itself by now, so it hangs; `_end_process` kills it
        elif process:
            _vouch(row)
        time.sleep(POLL_S)


def _vouch(row: rows.JobRow) -> None:
    """Beat for a process that lives but cannot: loading a large library from a slow disk holds up all its threads."""
    if row.heartbeat_at and (now() - row.heartbeat_at).total_seconds() > VOUCH_AFTER_S:
        rows.beat(row.id)


def _record_death(row: rows.JobRow, exit_code: int) -> None:
    if row.cancel == "discard":
        rows.mark_cancelled(row.id)
    elif row.status == "queued":
        rows.fail(row.id, died_silently(row.kind, exit_code))
    else:
        # Exit 0 may mean that another process owns the job; its heartbeats then show it.
        record_death(row, KILLED_SILENT_S if exit_code else SILENT_S, exit_code)


def _end_process(process: subprocess.Popen[bytes]) -> None:
    """Wait two seconds for a process whose job has ended; then kill it and all that it started."""
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
