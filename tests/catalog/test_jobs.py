"""Job rows: every change of status happens once, whoever asks."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from curate.catalog import database, jobs, runs
from curate.catalog.tables.core import Job, now
from curate.errors import NotFound


def queued() -> int:
    return jobs.add_job("import", "Import pets", None, {"folder": "/pets"}, "Ada")


def silent_since(job_id: int, seconds: float) -> None:
    with database.writing() as session:
        session.execute(update(Job).where(Job.id == job_id).values(heartbeat_at=now() - timedelta(seconds=seconds)))


def test_a_job_goes_from_queued_over_running_to_done():
    job_id = queued()
    row = jobs.find_job(job_id)
    assert (row.status, row.is_open, row.args, row.submitted_by) == ("queued", True, {"folder": "/pets"}, "Ada")
    assert jobs.start(job_id)
    assert jobs.report(job_id, {"done": 1, "total": 2})
    assert jobs.beat(job_id)
    assert jobs.find_job(job_id).progress == {"done": 1, "total": 2}
    assert jobs.finish(job_id, {"n": 2})
    row = jobs.find_job(job_id)
    assert (row.status, row.is_open, row.result) == ("done", False, {"n": 2})
    assert row.started_at is not None
    assert row.finished_at is not None
    assert row.started_at <= row.finished_at


def test_a_job_that_has_ended_changes_no_more():
    job_id = queued()
    assert not jobs.finish(job_id, {})
    assert not jobs.report(job_id, {"done": 1})
    jobs.start(job_id)
    jobs.fail(job_id, "It broke.")
    for change in (
        lambda: jobs.start(job_id), lambda: jobs.beat(job_id), lambda: jobs.finish(job_id, {}),
        lambda: jobs.fail(job_id, "Again."), lambda: jobs.mark_cancelled(job_id),
        lambda: jobs.ask_to_cancel(job_id, "keep"), lambda: jobs.fail_if_silent(job_id, 0, "Gone."),
    ):  # fmt: skip
        assert not change()
    row = jobs.find_job(job_id)
    assert (row.status, row.message, row.cancel) == ("failed", "It broke.", None)


def test_of_many_that_start_a_job_one_does():
    job_id = queued()
    started: list[bool] = []
    threads = [threading.Thread(target=lambda: started.append(jobs.start(job_id))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(started) == [False] * 7 + [True]


def test_a_queued_job_is_cancelled_at_once_and_a_running_one_is_asked():
    waiting, running = queued(), queued()
    jobs.start(running)
    assert jobs.ask_to_cancel(waiting, "discard")
    assert jobs.ask_to_cancel(running, "keep")
    assert jobs.find_job(waiting).status == "cancelled"
    row = jobs.find_job(running)
    assert (row.status, row.cancel) == ("running", "keep")
    assert jobs.mark_cancelled(running)
    assert jobs.find_job(running).status == "cancelled"


def test_a_running_job_without_a_sign_of_life_is_found_and_one_that_beats_is_not_failed():
    quiet, lively, waiting = queued(), queued(), queued()
    jobs.start(quiet)
    jobs.start(lively)
    silent_since(quiet, 20)
    silent_since(waiting, 20)
    assert jobs.silent_jobs(15) == [quiet]
    assert jobs.fail_if_silent(quiet, 15, "It ended without a word.")
    assert not jobs.fail_if_silent(lively, 15, "It ended without a word.")
    assert jobs.find_job(lively).status == "running"


def test_the_run_of_a_job_ends_with_it(make_project):
    made = make_project([(label, split) for label in ("a", "b") for split in ("train", "train", "valid")])
    job_id = queued()
    jobs.start(job_id)
    run_id = runs.create_run(made.id, {}, runs.training_set(made.id), job_id)
    jobs.fail(job_id, "It broke.")
    assert runs.find_run(run_id).status == "failed"


def test_jobs_are_listed_newest_first_and_filtered(make_project):
    made = make_project([("a", "train")])
    first, second = queued(), jobs.add_job("train", "Train", made.id, {}, "Bo")
    jobs.start(second)
    assert [row.id for row in jobs.list_jobs()] == [second, first]
    assert [row.id for row in jobs.list_jobs(project_id=made.id)] == [second]
    assert [row.id for row in jobs.list_jobs(statuses=("queued",))] == [first]
    assert [row.id for row in jobs.list_jobs(limit=1)] == [second]


def test_a_job_that_is_not_there_is_said():
    with pytest.raises(NotFound, match="There is no job 9."):
        jobs.find_job(9)
    assert not jobs.start(9)
