"""The process that hands waiting jobs to Dask and finds those that died: `python -m curate.jobs.runtime.dispatcher`.

Every server starts one (see `dispatcher_supervisor`). All state is in the job rows, so it can be killed and started
again, and several can work on one database. A job that already runs is handed over, too: a Dask worker then watches
it, and it occupies its slot, so that trainings stay one at a time across restarts.
"""

import logging
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import NoReturn

from distributed import Future
from sqlalchemy.exc import OperationalError

from curate.catalog import jobs as rows
from curate.catalog.database import writing
from curate.jobs import wake_up
from curate.jobs.kinds import job_kinds
from curate.jobs.runtime.dask_cluster import Cluster
from curate.jobs.runtime.leftovers import remove_leftovers
from curate.jobs.runtime.prewarmed import prewarmed
from curate.jobs.runtime.worker import SILENT_S, record_death

POLL_S = 0.5  # between two looks at the database while jobs are open
IDLE_POLL_S = 8.0  # and while none is: one submitted with this CURATE_HOME rings the bell, and does not wait so long
REST_AFTER_S = 30.0  # without a job
RECONNECT_S = 5.0
CONFIRM_S = 2.0  # still silent after so long, with the database free to be written
FAIR_WAIT_S = 0.5
MAX_STRIKES = 3

_log = logging.getLogger(__name__)


class Dispatcher:
    """Hands jobs over for as long as `run` runs.

    on_change: called with "up" when jobs can be handed to Dask, and with "down" when they cannot.
    """

    def __init__(self, on_change: Callable[[str], None]) -> None:
        self._on_change = on_change
        self._last_job_at = time.monotonic()
        self._futures: dict[int, Future] = {}
        self._strikes: Counter[int] = Counter()
        self._silence = SilenceWatch()

    def run(self) -> NoReturn:
        """Never comes back; end the process instead."""
        while True:
            try:
                with Cluster() as cluster:
                    self._on_change("up")
                    while True:
                        rung_at = wake_up.last_rung()
                        wake_up.wait(rung_at, POLL_S if self._tick(cluster) else IDLE_POLL_S)
            except (OSError, TimeoutError, OperationalError) as error:
                # The scheduler or the database is away, and the next try may find it.
                _log.warning("jobs wait: %s", error)
            self._on_change("down")
            self._futures.clear()
            time.sleep(RECONNECT_S)

    def _tick(self, cluster: Cluster) -> int:
        """How many jobs are open."""
        cluster.check()
        self._collect()
        open_jobs, kinds = rows.open_jobs(), job_kinds()
        if any(row.status == "running" for row in open_jobs):
            self._silence.find()
        known = [row for row in open_jobs if row.kind in kinds]
        for row in known:
            if row.id not in self._futures:
                self._futures[row.id] = cluster.hand_over(row.id, kinds[row.kind].resource)
        if cluster.is_embedded:
            prewarmed.tend(is_busy=any(kinds[row.kind].is_training or kinds[row.kind].holds_torch for row in known))
        self._rest_if_idle(cluster, len(open_jobs))
        return len(open_jobs)

    def _rest_if_idle(self, cluster: Cluster, n_open: int) -> None:
        if n_open or self._futures:
            self._last_job_at = time.monotonic()
        elif time.monotonic() - self._last_job_at > REST_AFTER_S:
            cluster.rest()

    def _collect(self) -> None:
        """Drop finished futures; retry jobs that Dask could not start, up to three times."""
        for job_id, future in list(self._futures.items()):
            if not future.done():
                continue
            del self._futures[job_id]
            if future.status == "error":
                self._strike(job_id, future.exception())
            else:
                self._strikes.pop(job_id, None)

    def _strike(self, job_id: int, error: BaseException | None) -> None:
        _log.warning("job %s could not be watched: %r", job_id, error)
        self._strikes[job_id] += 1
        if self._strikes[job_id] >= MAX_STRIKES and rows.find_job(job_id).status == "queued":
            rows.fail(job_id, f"No worker could start the job ({type(error).__name__}: {str(error):.200}).")


class SilenceWatch:
    """Finds running jobs that give no sign of life, and records that they ended without a word (see `record_death`).

    A long write of somebody else's, or a machine that slept, silences every job at once: so a job is only believed
    dead when it is still silent two seconds after it was first found so, and the database was free in between.
    """

    def __init__(self) -> None:
        self._suspected: dict[int, float] = {}
        self._last_look = time.time()

    def find(self) -> list[int]:
        """Look once; the jobs that were believed dead. Found are those silent for 10 s, within 13 s."""
        now = time.time()  # the wall clock: the monotonic one stands still while the machine sleeps
        has_slept, self._last_look = now - self._last_look > SILENT_S / 2, now
        silent = rows.silent_jobs(SILENT_S)
        if has_slept or (silent and not _is_free_to_write()):
            self._suspected.clear()
        self._suspected = {job_id: self._suspected.get(job_id, now) for job_id in silent}
        dead = [job_id for job_id, since in self._suspected.items() if now - since >= CONFIRM_S]
        return [job_id for job_id in dead if record_death(rows.find_job(job_id), SILENT_S)]


def _is_free_to_write() -> bool:
    """Whether a heartbeat could have been stored just now without waiting."""
    asked_at = time.monotonic()
    with writing() as session:
        session.connection()  # the lock is taken with the first use
        return time.monotonic() - asked_at < FAIR_WAIT_S


def main() -> NoReturn:
    """Dispatch until standard input ends, which is when the server that started this process is gone."""
    threading.Thread(target=_end_with_server, name="server", daemon=True).start()
    threading.Thread(target=_sweep_up, name="leftovers", daemon=True).start()
    Dispatcher(on_change=lambda word: print(word, flush=True)).run()


def _sweep_up() -> None:
    try:
        if n := remove_leftovers():
            _log.warning("%d leftovers of processes that were killed have been removed", n)
    except (OSError, OperationalError) as error:
        _log.warning("leftovers of processes that were killed stay for now: %s", error)


def _end_with_server() -> NoReturn:
    sys.stdin.buffer.read()
    # Closing Dask in order would wait for threads that only watch jobs; nothing here needs to be saved.
    os._exit(0)


if __name__ == "__main__":
    main()
