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
# Dask opens a web server on every part of it: an empty one, then, that nobody else can reach.
_NO_PAGES = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}


class Cluster:
    """Where jobs are handed to. Raises OSError or TimeoutError when the scheduler that is named does not answer."""

    def __init__(self) -> None:
        self._embedded = None if settings.scheduler() else _embedded()
        self._client = Client(self._embedded or settings.scheduler(), timeout=CONNECT_S, set_as_default=False)

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close(timeout=2)
        if self._embedded is not None:
            self._embedded.close(timeout=2)

    @property
    def is_embedded(self) -> bool:
        """Whether jobs' processes are started by this one."""
        return self._embedded is not None

    def check(self) -> None:
        """Raise ConnectionError when the scheduler is gone."""
        if self._client.status != "running":
            raise ConnectionError(f"The Dask scheduler {settings.scheduler() or ''} is gone.")

    def hand_over(self, job_id: int, resource: str) -> Future:
        """A future that is done when the job has ended."""
        return self._client.submit(
            run_in_process,
            job_id,
            environment(),
            key=f"job-{job_id}",
            pure=False,
            resources=self._needs(resource),
            priority=-job_id,  # the oldest first
        )

    def _needs(self, resource: str) -> dict[str, int]:
        """What a worker has to have free: a GPU for a training, where workers say that they have some; else a slot."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        has_gpus = any("GPU" in worker["resources"] for worker in workers)
        return {"GPU": 1} if resource == TRAIN and has_gpus else {resource: 1}


def _embedded() -> SpecCluster:
    scheduler = {"cls": Scheduler, "options": {"protocol": "inproc://"} | _NO_PAGES}
    workers = {name: {"cls": Worker, "options": _worker(name, n)} for name, n in SLOTS.items()}
    try:
        with dask.config.set({"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}):
            return SpecCluster(workers=workers, scheduler=scheduler, silence_logs=logging.ERROR)
    except RuntimeError as error:
        raise ConnectionError(str(error)) from error


def _worker(resource: str, slots: int) -> dict[str, Any]:
    # No memory limit: the memory is in the jobs' processes.
    return {"protocol": "inproc://", "nthreads": slots, "resources": {resource: slots}, "memory_limit": 0} | _NO_PAGES
