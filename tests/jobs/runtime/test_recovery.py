"""Servers that are killed, restarted, or doubled: nothing is lost and nothing runs twice."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from curate import jobs
from curate.catalog import jobs as rows
from curate.catalog.database import is_sqlite, writing
from curate.catalog.tables.core import Job, now
from curate.jobs.runtime import worker
from curate.jobs.runtime.dispatcher import SilenceWatch
from curate.jobs.runtime.dispatcher_supervisor import DispatcherSupervisor
from curate.jobs.runtime.worker import ROOT, environment

SERVER = """
import time
from curate.jobs.runtime.dispatcher_supervisor import DispatcherSupervisor
dispatcher = DispatcherSupervisor()
dispatcher.start()
while True:
    time.sleep(0.05)
    if dispatcher.is_up:
        print(dispatcher.pid, flush=True)
        break
time.sleep(600)
"""


@pytest.fixture
def silent_job() -> int:
    """A job that runs, says its row, and has not been heard of for a minute."""
    job_id = jobs.enqueue("rehearsal", None, {})
    rows.start(job_id)
    with writing() as session:
        session.execute(update(Job).where(Job.id == job_id).values(heartbeat_at=now() - timedelta(minutes=1)))
    return job_id


def test_after_a_server_is_killed_the_next_one_watches_what_runs_and_starts_what_waits(
    new_dispatcher: Callable[[], DispatcherSupervisor],
    ended: Callable[[int], jobs.JobRow],
    process_of: Callable[[int], int],
    lives: Callable[[int], bool],
    tmp_path: Path,
    wait_until: Callable[..., None],
) -> None:
    diary, gate = tmp_path / "diary", tmp_path / "gate"
    running = jobs.enqueue("rehearsal-train", None, {"until": str(gate), "diary": str(diary)})
    waiting = jobs.enqueue("rehearsal-train", None, {"steps": 1, "diary": str(diary)})
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment(),
        cwd=ROOT,
        start_new_session=True,
    )
    dispatcher = int(server.stdout.readline())
    server.stdout.close()
    pid = process_of(running)
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    wait_until(lambda: not lives(dispatcher))  # it does not outlive its scheduler
    new_dispatcher()
    assert lives(pid) and jobs.find_job(waiting).status == "queued"
    gate.touch()
    assert (ended(running).status, ended(waiting).status) == ("done", "done")
    assert diary.read_text().split() == [str(running), str(waiting)]


def test_two_servers_on_one_database_run_each_job_once(
    new_dispatcher: Callable[[], DispatcherSupervisor], ended: Callable[[int], jobs.JobRow], tmp_path: Path
) -> None:
    diary = tmp_path / "diary"
    new_dispatcher(), new_dispatcher()
    job_ids = [jobs.enqueue("rehearsal", None, {"steps": 1, "diary": str(diary)}) for _ in range(4)]
    assert [ended(job_id).status for job_id in job_ids] == ["done"] * 4
    assert sorted(diary.read_text().split()) == sorted(map(str, job_ids))


def test_a_job_that_fell_silent_is_marked_failed_in_plain_words(
    silent_job: int, wait_until: Callable[..., None]
) -> None:
    watch = SilenceWatch()
    assert watch.find() == []  # once is no proof
    wait_until(lambda: watch.find() == [silent_job])
    row = jobs.find_job(silent_job)
    assert row.status == "failed"
    assert row.message == "The rehearsal process ended without a word (killed, or out of memory?)."


def test_a_job_is_not_believed_dead_while_the_database_is_locked_by_a_long_write(silent_job: int) -> None:
    if not is_sqlite():
        pytest.skip("on PostgreSQL no write keeps all others waiting")
    watch = SilenceWatch()
    watch._suspected[silent_job] = time.time() - 60
    is_locked, done = threading.Event(), threading.Event()

    def write_long() -> None:
        with writing() as session:
            session.connection()
            is_locked.set()
            done.wait(0.8)

    writer = threading.Thread(target=write_long)
    writer.start()
    is_locked.wait()
    assert watch.find() == []
    writer.join()
    assert jobs.find_job(silent_job).status == "running"


def test_a_worker_vouches_for_a_process_that_lives_but_is_too_busy_to_say_so(silent_job: int) -> None:
    worker._vouch(jobs.find_job(silent_job))
    assert rows.silent_jobs(10) == []
    beat_at = jobs.find_job(silent_job).heartbeat_at
    worker._vouch(jobs.find_job(silent_job))  # not long ago: nothing is written
    assert jobs.find_job(silent_job).heartbeat_at == beat_at


def test_a_training_whose_process_was_killed_is_started_again_once_by_itself(
    new_dispatcher: Callable[[], DispatcherSupervisor], ended: Callable[[int], jobs.JobRow], tmp_path: Path
) -> None:
    diary = tmp_path / "diary"
    new_dispatcher()
    once = jobs.enqueue("rehearsal-train", None, {"steps": 1, "diary": str(diary), "die_first": True})
    always = jobs.enqueue("rehearsal-train", None, {"diary": str(diary), "die": True})
    row = ended(once)
    assert row.status == "done"
    assert row.message == (
        "The rehearsal process ended without a word (killed by signal 9, or out of memory?). It was started again."
    )
    assert ended(always).status == "failed"
    assert diary.read_text().split() == [str(once), str(once), str(always), str(always)]


def test_a_silent_training_waits_again_after_a_power_cut_and_one_that_was_thrown_away_does_not() -> None:
    wanted, unwanted = (jobs.enqueue("rehearsal-train", None, {}) for _ in range(2))
    for job_id in (wanted, unwanted):
        rows.start(job_id)
        with writing() as session:
            session.execute(update(Job).where(Job.id == job_id).values(heartbeat_at=now() - timedelta(minutes=1)))
    rows.ask_to_cancel(unwanted, "discard")
    assert [worker.record_death(jobs.find_job(job_id), 10) for job_id in (wanted, unwanted)] == [True, True]
    assert [jobs.find_job(job_id).status for job_id in (wanted, unwanted)] == ["queued", "failed"]


def test_trying_a_failed_training_again_says_which_one_goes_on() -> None:
    job_id = jobs.enqueue("rehearsal-train", None, {"steps": 1})
    rows.start(job_id)
    rows.fail(job_id, "It broke.")
    assert jobs.find_job(jobs.retry(job_id)).args == {"steps": 1, "continues": job_id}
    cancelled = jobs.enqueue("rehearsal-train", None, {"steps": 1})
    jobs.cancel(cancelled)
    assert jobs.find_job(jobs.retry(cancelled)).args == {"steps": 1}
