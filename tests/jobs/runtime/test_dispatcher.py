"""Jobs as a server runs them. The tests of this module share one dispatcher, as they do on a busy day."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from curate import jobs, settings
from curate.catalog import database
from curate.jobs.runtime.dispatcher_supervisor import DispatcherSupervisor

Ended = Callable[[int], jobs.JobRow]
DIED = "The rehearsal process ended without a word (killed by signal 9, or out of memory?)."


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DispatcherSupervisor]:
    with pytest.MonkeyPatch.context() as patch:
        for name in settings.NAMES:
            patch.delenv(name, raising=False)
        patch.setenv("CURATE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("CURATE_STANDBY_MINUTES", "0")
        if request.param == "postgresql":
            databases = request.getfixturevalue("database_server")
            databases.create("dispatcher", template="ready")
            patch.setenv("CURATE_DATABASE_URL", databases.url("dispatcher"))
        dispatcher = DispatcherSupervisor()
        dispatcher.start()
        yield dispatcher
        dispatcher.stop()
        database.engine().dispose()
        database._ready_engine.cache_clear()


@pytest.fixture(autouse=True)
def home(server: DispatcherSupervisor) -> Path:
    """One home for the whole module, in place of one per test."""
    return settings.home()


@pytest.fixture(autouse=True)
def catalog_database() -> None:
    """The dispatcher's own, in place of one per test."""


def test_a_job_runs_in_a_process_of_its_own_and_its_row_tells_the_whole_story(ended: Ended) -> None:
    job_id = jobs.enqueue("rehearsal", None, {"steps": 4}, "Count to four", "Ada")
    row = ended(job_id)
    assert (row.status, row.title, row.submitted_by, row.message) == ("done", "Count to four", "Ada", None)
    assert row.result == {"counted": 4, "kept": False, "args": {"steps": 4}}
    assert {key: row.progress[key] for key in ("done", "total", "message", "phase")} == {
        "done": 4,
        "total": 4,
        "message": "Counting, 4 so far",
        "phase": "counting",
    }
    assert row.created_at <= row.started_at <= row.finished_at
    log = jobs.log_tail(job_id).splitlines()
    assert log[0] == f"Job {job_id}: Count to four"
    assert log[1].startswith("rehearsing as process ") and str(os.getpid()) not in log[1]
    assert log[-1].endswith(" UTC  Counting, 4 so far")


def test_trainings_wait_for_each_other_while_other_jobs_go_past_them(
    ended: Ended, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    gate = tmp_path / "gate"
    first = jobs.enqueue("rehearsal-train", None, {"until": str(gate)})
    second = jobs.enqueue("rehearsal-train", None, {"steps": 1})
    other = jobs.enqueue("rehearsal", None, {"steps": 1})
    assert ended(other).status == "done"
    wait_until(lambda: jobs.find_job(first).status == "running")
    assert jobs.find_job(second).status == "queued"
    gate.touch()
    assert ended(second).status == "done"
    assert jobs.find_job(first).finished_at <= jobs.find_job(second).started_at


def test_progress_is_stored_while_the_job_runs_with_its_pace(tmp_path: Path, wait_until: Callable[..., None]) -> None:
    gate = tmp_path / "gate"
    job_id = jobs.enqueue("rehearsal", None, {"until": str(gate), "steps": 1_000_000})
    wait_until(lambda: "seconds_left" in jobs.find_job(job_id).progress)
    row = jobs.find_job(job_id)
    assert row.status == "running" and row.progress["done"] > 1 and row.progress["rate"] > 0
    jobs.cancel(job_id)
    wait_until(lambda: jobs.find_job(job_id).status == "cancelled")


def test_cancelling_with_keep_lets_the_job_end_with_what_it_has(
    ended: Ended, process_of: Callable[[int], int], tmp_path: Path
) -> None:
    job_id = jobs.enqueue("rehearsal", None, {"until": str(tmp_path / "never")})
    process_of(job_id)
    jobs.cancel(job_id, "keep")
    row = ended(job_id)
    assert (row.status, row.result["kept"]) == ("done", True)


def test_cancelling_with_discard_ends_even_a_job_that_does_not_listen(
    ended: Ended,
    process_of: Callable[[int], int],
    lives: Callable[[int], bool],
    tmp_path: Path,
    wait_until: Callable[..., None],
) -> None:
    job_id = jobs.enqueue("rehearsal", None, {"until": str(tmp_path / "never"), "deaf": True})
    pid = process_of(job_id)
    jobs.cancel(job_id, "discard")
    row = ended(job_id)
    assert (row.status, row.message, row.result) == ("cancelled", "Cancelled.", None)
    wait_until(lambda: not lives(pid))


def test_a_job_that_is_cancelled_while_it_waits_never_runs(ended: Ended, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    running = jobs.enqueue("rehearsal-train", None, {"until": str(tmp_path / "gate"), "diary": str(diary)})
    waiting = jobs.enqueue("rehearsal-train", None, {"diary": str(diary)})
    jobs.cancel(waiting)
    assert jobs.find_job(waiting).status == "cancelled"
    (tmp_path / "gate").touch()
    last = jobs.enqueue("rehearsal-train", None, {"steps": 1, "diary": str(diary)})
    ended(last)
    assert diary.read_text().split() == [str(running), str(last)]


def test_a_killed_job_says_so_and_keeps_the_end_of_its_log(
    ended: Ended, process_of: Callable[[int], int], tmp_path: Path
) -> None:
    job_id = jobs.enqueue("rehearsal", None, {"until": str(tmp_path / "never")})
    os.kill(process_of(job_id), signal.SIGKILL)
    row = ended(job_id)
    assert (row.status, row.message) == ("failed", DIED)
    assert "rehearsing as process" in jobs.log_tail(job_id)


def test_a_failed_job_can_be_tried_again(ended: Ended) -> None:
    first = ended(jobs.enqueue("rehearsal", None, {"refuse": True}, "Look at cats", "Ada"))
    assert (first.status, first.message) == ("failed", "`cats` has 3 images. Import more.")
    again = ended(jobs.retry(first.id, "Bob"))
    assert again.id != first.id
    assert (again.title, again.args, again.submitted_by, again.status) == (first.title, first.args, "Bob", "failed")


def test_when_the_dask_worker_is_killed_the_job_goes_on_and_runs_once_only(
    server: DispatcherSupervisor,
    ended: Ended,
    process_of: Callable[[int], int],
    tmp_path: Path,
    lives: Callable[[int], bool],
    wait_until: Callable[..., None],
) -> None:
    diary, gate = tmp_path / "diary", tmp_path / "gate"
    running = jobs.enqueue("rehearsal-train", None, {"until": str(gate), "diary": str(diary)})
    waiting = jobs.enqueue("rehearsal-train", None, {"steps": 1, "diary": str(diary)})
    pid = process_of(running)
    os.kill(server.pid, signal.SIGKILL)
    beside = ended(jobs.enqueue("rehearsal", None, {"steps": 1}))  # the new worker works
    assert beside.status == "done" and lives(pid)
    assert jobs.find_job(waiting).status == "queued"
    gate.touch()
    assert (ended(running).status, ended(waiting).status) == ("done", "done")
    assert diary.read_text().split() == [str(running), str(waiting)]
