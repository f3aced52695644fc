"""The Dask side of jobs: a scheduler and workers inside this process, or a cluster named elsewhere.

Nothing is spawned with multiprocessing (as a LocalCluster of processes would): that runs the main script again in the
child. Inside one process the parts talk without a network, so no port of ours takes orders from other users.
"""

import logging
from types import TracebackType
from typing import Any

import dask
from distributed import Client, Future, Scheduler, SpecCluster, Worker

from curate import settings
from curate.jobs.kinds import JOB, TRAIN
from curate.jobs.runtime.worker import environment, run_in_process

# One Dask worker per resource: a worker's queue stops at the first task that does not fit, so behind a waiting
# training nothing else would start. A cluster named elsewhere has to offer the same two resources.
SLOTS = {TRAIN: 1, JOB: 2}
CONNECT_S = 10
# Dask looks after clusters of many machines: inside one process that took 2 % of a core.
_QUIET = {
    "distributed.admin.tick.interval": "1m",
    "distributed.admin.tick.cycle": "1m",
    "distributed.admin.tick.limit": "1h",
    "distributed.admin.system-monitor.interval": "1m",
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.work-stealing": False,  # the two workers offer different resources
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
# Dask opens a web server on every part of it: an empty one, then, that nobody else can reach.
_NO_PAGES = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}


class Cluster:
    """What jobs are handed to. Raises OSError or TimeoutError when the scheduler that is named does not answer.

    An idle embedded cluster takes 0.4 % of a core for its heartbeats. `rest` ends it; the next job starts another in
    15 ms.
    """

    def __init__(self) -> None:
        self.is_embedded = settings.scheduler() is None
        self._embedded: SpecCluster | None = None
        self._client: Client | None = None
        self._started()

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def check(self) -> None:
        """Raise ConnectionError when the scheduler is gone."""
        if self._client is not None and self._client.status != "running":
            raise ConnectionError(f"The Dask scheduler {settings.scheduler() or ''} is gone.")

    def hand_over(self, job_id: int, resource: str) -> Future:
        """A future that is done when the job has ended."""
        return self._started().submit(
            run_in_process,
            job_id,
            environment(),
            key=f"job-{job_id}",
            pure=False,
            resources=self._needs(resource),
            priority=-job_id,  # the oldest first
        )

    def rest(self) -> None:
        """End the embedded cluster, in which nothing may run; the next job starts another."""
        if self.is_embedded:
            self._close()

    def _started(self) -> Client:
        if self._client is None:
            self._embedded = _embedded() if self.is_embedded else None
            self._client = Client(self._embedded or settings.scheduler(), timeout=CONNECT_S, set_as_default=False)
        return self._client

    def _close(self) -> None:
        if self._client is not None:
            self._client.close(timeout=2)
        if self._embedded is not None:
            self._embedded.close(timeout=2)
        self._client = self._embedded = None

    def _needs(self, resource: str) -> dict[str, int]:
        """What a worker must have free: a GPU for a training, if workers of a named cluster offer GPUs; else a slot."""
        if self.is_embedded or resource != TRAIN:
            return {resource: 1}
        workers = self._started().scheduler_info(n_workers=-1)["workers"].values()
        has_gpus = any("GPU" in worker["resources"] for worker in workers)
        return {"GPU": 1} if has_gpus else {resource: 1}


def _embedded() -> SpecCluster:
    scheduler = {"cls": Scheduler, "options": {"protocol": "inproc://"} | _NO_PAGES}
    workers = {name: {"cls": Worker, "options": _worker(name, n)} for name, n in SLOTS.items()}
    try:
        with dask.config.set(_QUIET):
            return SpecCluster(workers=workers, scheduler=scheduler, silence_logs=logging.ERROR)
    except RuntimeError as error:
        raise ConnectionError(str(error)) from error


def _worker(resource: str, slots: int) -> dict[str, Any]:
    # No memory limit: the memory is in the jobs' processes.
    return {"protocol": "inproc://", "nthreads": slots, "resources": {resource: slots}, "memory_limit": 0} | _NO_PAGES
