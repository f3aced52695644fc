"""A job's own process, run here: what its row says afterwards."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from curate import jobs
from curate.catalog import jobs as rows
from curate.catalog import runs
from curate.errors import NotFound
from curate.jobs.runtime import job_process
from curate.jobs.runtime.job_process import run_job


def test_what_the_work_gives_back_is_the_jobs_result() -> None:
    job_id = jobs.enqueue("rehearsal", None, {"steps": 2, "pause": 0})
    assert run_job(job_id) == 0
    row = jobs.find_job(job_id)
    assert (row.status, row.result["counted"], row.progress["done"]) == ("done", 2, 2)


def test_an_error_people_can_mend_is_the_rows_message_with_its_hint(capfd: pytest.CaptureFixture[str]) -> None:
    job_id = jobs.enqueue("rehearsal", None, {"refuse": True})
    run_job(job_id)
    assert jobs.find_job(job_id).message == "`cats` has 3 images. Import more."
    assert "Traceback" in capfd.readouterr().err


def test_any_other_error_is_called_unexpected_and_its_trace_is_in_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    job_id = jobs.enqueue("rehearsal", None, {"stumble": True})
    run_job(job_id)
    assert jobs.find_job(job_id).message == (
        "The rehearsal stopped because of an unexpected error (ZeroDivisionError: float division by zero). "
        "The log has the details."
    )
    assert "rehearsal.py" in capfd.readouterr().err


def test_a_full_disk_is_one_plain_sentence_however_a_library_wraps_it() -> None:
    job_id = jobs.enqueue("rehearsal", None, {"fill_disk": True})
    assert run_job(job_id) == 0
    row = jobs.find_job(job_id)
    assert (row.status, row.message) == ("failed", "The server's disk is full. Make room, then try again.")


def test_the_sentence_on_a_full_disk_is_stored_when_the_database_has_room_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([OperationalError("update", {}, Exception("database or disk is full"))] * 2)
    fail = rows.fail

    def fail_when_there_is_room(job_id: int, message: str, result: dict[str, Any] | None) -> bool:
        if (error := next(answers, None)) is not None:
            raise error
        return fail(job_id, message, result)

    monkeypatch.setattr(rows, "fail", fail_when_there_is_room)
    monkeypatch.setattr(job_process, "FULL_DISK_WAIT_S", 0.0)
    job_id = jobs.enqueue("rehearsal", None, {"fill_disk": True})
    run_job(job_id)
    assert jobs.find_job(job_id).message == job_process.DISK_FULL


def test_a_job_that_another_process_has_is_left_alone(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    job_id = jobs.enqueue("rehearsal", None, {"diary": str(diary)})
    rows.start(job_id)
    assert run_job(job_id) == 0
    assert not diary.exists() and jobs.find_job(job_id).status == "running"


def test_a_job_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound, match="There is no job 7."):
        run_job(7)


def test_a_run_ends_with_its_job_when_that_ends_without_a_result(small_project: Any) -> None:
    job_id = jobs.enqueue("rehearsal", small_project.id, {})
    chosen = runs.training_set(small_project.id)
    run_id = runs.create_run(small_project.id, {}, chosen, job_id)
    rows.start(job_id)
    rows.fail(job_id, "It broke.")
    assert runs.find_run(run_id).status == "failed"
