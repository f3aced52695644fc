"""The process that has imported what trainings need before there is one."""

import importlib.util
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from curate import jobs, settings, store
from curate.catalog import jobs as rows
from curate.jobs import follow_ups
from curate.jobs.runtime import prewarmed, prewarmed_process
from curate.jobs.runtime.dispatcher_supervisor import DispatcherSupervisor
from curate.jobs.runtime.prewarmed import PrewarmedProcess


@pytest.fixture(autouse=True)
def minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_STANDBY_MINUTES", "10")


@pytest.fixture
def ready(home: Path) -> Iterator[PrewarmedProcess]:
    """Nothing is expected at first."""
    held = PrewarmedProcess()
    yield held
    (home / "standby").unlink(missing_ok=True)
    held.tend(is_busy=False)


def process_of(held: PrewarmedProcess) -> subprocess.Popen[bytes] | None:
    return held._process


def test_it_does_the_job_that_it_is_given_and_writes_to_its_log(ready: PrewarmedProcess) -> None:
    prewarmed.expect()
    ready.tend(is_busy=False)
    job_id = jobs.enqueue("rehearsal-train", None, {"steps": 2})
    process = ready.take(job_id, store.job_folder(job_id) / "log.txt")
    assert process is not None
    assert process.wait(60) == 0
    row = jobs.find_job(job_id)
    assert (row.status, row.result["counted"]) == ("done", 2)
    log = jobs.log_tail(job_id).splitlines()
    assert log[0] == f"Job {job_id}: Rehearse a training"
    assert log[1] == f"rehearsing as process {process.pid}"
    assert ready.take(job_id, Path("log.txt")) is None


def test_it_is_there_only_while_a_training_is_expected_and_none_runs(
    ready: PrewarmedProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready.tend(is_busy=False)
    assert process_of(ready) is None
    prewarmed.expect()
    ready.tend(is_busy=True)
    assert process_of(ready) is None
    with monkeypatch.context() as patch:
        patch.setattr(prewarmed, "LEAST_FREE_BYTES", 10**18)
        ready.tend(is_busy=False)
    assert process_of(ready) is None
    ready.tend(is_busy=False)
    first = process_of(ready)
    assert first is not None
    ready.tend(is_busy=False)
    assert process_of(ready) is first
    long_ago = time.time() - 601
    os.utime(settings.home() / "standby", (long_ago, long_ago))
    ready.tend(is_busy=False)
    assert (process_of(ready), first.poll()) == (None, -9)


def test_zero_minutes_keep_none(ready: PrewarmedProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_STANDBY_MINUTES", "0")
    prewarmed.expect()
    ready.tend(is_busy=False)
    assert process_of(ready) is None


def test_one_that_was_killed_is_not_given_a_job_and_another_is_started(ready: PrewarmedProcess) -> None:
    prewarmed.expect()
    ready.tend(is_busy=False)
    first = process_of(ready)
    first.kill()
    first.wait()
    assert ready.take(1, Path("log.txt")) is None
    ready.tend(is_busy=False)
    assert process_of(ready) not in (None, first)


def test_it_ends_with_the_one_that_keeps_it(ready: PrewarmedProcess) -> None:
    prewarmed.expect()
    ready.tend(is_busy=False)
    process = process_of(ready)
    process.stdin.close()
    assert process.wait(60) == 0


def test_all_that_it_imports_is_there() -> None:
    for name in prewarmed_process._NEEDED:
        assert importlib.util.find_spec(name), name


@pytest.mark.parametrize(("kind", "is_expected"), [("rehearsal-train", True), ("rehearsal", False)])
def test_a_training_is_expected_after_one_has_ended(home: Path, kind: str, is_expected: bool) -> None:
    job_id = jobs.enqueue(kind, None, {})
    rows.start(job_id)
    rows.finish(job_id, {})
    follow_ups.follow(job_id)
    assert (home / "standby").exists() is is_expected


def test_a_server_gives_its_next_training_to_it(
    new_dispatcher: Callable[[], DispatcherSupervisor],
    ended: Callable[[int], jobs.JobRow],
    wait_until: Callable[..., None],
) -> None:
    prewarmed.expect()
    dispatcher = new_dispatcher()
    wait_until(lambda: children_of(dispatcher.pid))
    (waiting,) = children_of(dispatcher.pid)
    job_id = jobs.enqueue("rehearsal-train", None, {"steps": 1})
    assert ended(job_id).status == "done"
    assert f"rehearsing as process {waiting}" in jobs.log_tail(job_id)


def children_of(pid: int) -> list[int]:
    """Pre-warmed processes that this one has started."""
    return [child.pid for child in psutil.Process(pid).children() if is_prewarmed(child)]


def is_prewarmed(process: psutil.Process) -> bool:
    try:
        return prewarmed_process.__name__ in process.cmdline()
    except psutil.NoSuchProcess:
        return False
