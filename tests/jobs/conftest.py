"""Real dispatchers, real Dask workers and real job processes; what a test leaves running is ended by its own pid."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from curate import jobs, settings
from curate.jobs.runtime.dispatcher_supervisor import DispatcherSupervisor


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """`wait_until(condition)` returns when the condition holds, and fails the test when it never does."""

    def wait(condition: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    return wait


@pytest.fixture
def ended(wait_until: Callable[..., None]) -> Callable[[int], jobs.JobRow]:
    """`ended(job_id)`: the job's row, once it has ended."""

    def wait(job_id: int) -> jobs.JobRow:
        wait_until(lambda: not jobs.find_job(job_id).is_open)
        return jobs.find_job(job_id)

    return wait


@pytest.fixture
def process_of(wait_until: Callable[..., None]) -> Callable[[int], int]:
    """`process_of(job_id)`: the process id of a rehearsal, once it has begun."""

    def find(job_id: int) -> int:
        path = settings.home() / "jobs" / str(job_id) / "pid"
        wait_until(lambda: path.exists() and path.read_text())
        return int(path.read_text())

    return find


@pytest.fixture
def new_dispatcher(wait_until: Callable[..., None], home: Path) -> Iterator[Callable[[], DispatcherSupervisor]]:
    """`new_dispatcher()` starts one and waits until it is up; all are stopped after the test, with their jobs."""
    started: list[DispatcherSupervisor] = []

    def start() -> DispatcherSupervisor:
        dispatcher = DispatcherSupervisor()
        started.append(dispatcher)
        dispatcher.start()
        wait_until(lambda: dispatcher.is_up)
        return dispatcher

    yield start
    for dispatcher in started:
        dispatcher.stop()
    for path in home.glob("jobs/*/pid"):
        if is_alive(pid := int(path.read_text())):
            os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether the process still runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def lives() -> Callable[[int], bool]:
    """`lives(pid)`: whether that process still runs."""
    return is_alive


@pytest.fixture(autouse=True)
def catalog_database(either_database: None) -> None:
    """Every test of jobs runs on SQLite and on PostgreSQL."""
