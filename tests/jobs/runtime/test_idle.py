"""A server without jobs: what its dispatcher costs, and how soon it takes up the next job."""

import threading
import time
from collections.abc import Callable

import psutil
import pytest

from curate import jobs
from curate.jobs import wake_up
from curate.jobs.runtime import dispatcher
from curate.jobs.runtime.dask_cluster import Cluster
from curate.jobs.runtime.dispatcher import Dispatcher
from curate.jobs.runtime.dispatcher_supervisor import DispatcherSupervisor

OBSERVED_S = 8


class Stop(Exception):
    pass


def test_an_idle_dispatcher_asks_the_database_every_eight_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    waits_s: list[float] = []

    def wait(rung_at: int, seconds: float) -> None:
        waits_s.append(seconds)
        if len(waits_s) >= 2:
            raise Stop

    monkeypatch.setattr(wake_up, "wait", wait)
    with pytest.raises(Stop):
        Dispatcher(on_change=lambda word: None).run()
    assert waits_s == [8.0, 8.0]


def test_waiting_looks_at_one_file_a_few_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    n_looks = 0
    look = wake_up._changed_at

    def count(path: str) -> int:
        nonlocal n_looks
        n_looks += 1
        return look(path)

    monkeypatch.setattr(wake_up, "_changed_at", count)
    wake_up.wait(0, 2)
    assert 1 < n_looks <= 5


def test_the_process_of_an_idle_dispatcher_wakes_up_a_few_times_a_second(
    new_dispatcher: Callable[[], DispatcherSupervisor],
) -> None:
    pid = new_dispatcher().pid
    assert pid is not None
    process = psutil.Process(pid)
    time.sleep(4)
    before = process.num_ctx_switches().voluntary
    time.sleep(OBSERVED_S)
    # 2.6 on SQLite, 3.0 on PostgreSQL; 6.3 there when it asked the database twice a second. Not processor time, which
    # was 0.3 % of a core on an idle machine and 2.9 % beside other tests.
    assert (process.num_ctx_switches().voluntary - before) / OBSERVED_S < 5


def test_every_new_job_rings_the_bell() -> None:
    assert wake_up.last_rung() == 0
    jobs.enqueue("rehearsal", None, {})
    first = wake_up.last_rung()
    jobs.enqueue("rehearsal", None, {})
    assert wake_up.last_rung() > first > 0


def test_the_bell_ends_the_wait_of_an_idle_dispatcher() -> None:
    rung_at = wake_up.last_rung()
    threading.Timer(0.2, wake_up.ring).start()
    began_at = time.monotonic()
    wake_up.wait(rung_at, 60)
    assert 0.1 < time.monotonic() - began_at < 5
    wake_up.wait(rung_at, 60)  # rung between the look and the wait: no wait at all


def test_a_job_that_did_not_ring_is_found_by_the_slow_look(
    new_dispatcher: Callable[[], DispatcherSupervisor],
    ended: Callable[[int], jobs.JobRow],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new_dispatcher()
    monkeypatch.setattr(wake_up, "ring", lambda: None)
    assert ended(jobs.enqueue("rehearsal", None, {"steps": 1})).status == "done"


def test_the_embedded_cluster_ends_when_nothing_is_to_be_done_and_starts_with_the_next_job(
    monkeypatch: pytest.MonkeyPatch, ended: Callable[[int], jobs.JobRow], wait_until: Callable[..., None]
) -> None:
    monkeypatch.setattr(dispatcher, "REST_AFTER_S", 0.0)
    ours = Dispatcher(on_change=lambda word: None)
    with Cluster() as cluster:
        time.sleep(0.01)
        assert ours._tick(cluster) == 0
        assert cluster._client is None
        job_id = jobs.enqueue("rehearsal", None, {"steps": 1})
        assert ours._tick(cluster) == 1
        assert ended(job_id).status == "done"
        wait_until(lambda: ours._tick(cluster) == 0 and cluster._client is None)
