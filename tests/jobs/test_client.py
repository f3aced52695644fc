"""Submitting, cancelling and trying again: rows only."""

import pytest

from curate import jobs, store
from curate.catalog import jobs as rows
from curate.errors import BadInput, Conflict, NotFound


def test_a_submitted_job_waits_with_the_title_of_its_kind() -> None:
    row = jobs.find_job(jobs.enqueue("sample", None, {}, submitted_by="Ada"))
    assert (row.status, row.title, row.args, row.submitted_by) == ("queued", "Make the sample project", {}, "Ada")


def test_a_kind_that_is_not_known_is_refused() -> None:
    with pytest.raises(NotFound, match="There is no kind of job named 'os:system'."):
        jobs.enqueue("os:system", None, {}, "Be evil")


def test_only_keep_epoch_and_discard_cancel_a_job() -> None:
    job_id = jobs.enqueue("sample", None, {})
    with pytest.raises(BadInput, match="with keep, epoch or discard, not 'maybe'"):
        jobs.cancel(job_id, "maybe")
    jobs.cancel(job_id)
    assert jobs.find_job(job_id).status == "cancelled"
    jobs.cancel(job_id)  # has ended: nothing happens
    with pytest.raises(NotFound):
        jobs.cancel(99)


def test_a_job_that_is_open_cannot_be_tried_again() -> None:
    job_id = jobs.enqueue("sample", None, {"a": 1}, "First", "Ada")
    with pytest.raises(Conflict, match="Job 1 has not ended"):
        jobs.retry(job_id)
    rows.fail(job_id, "It broke.")
    again = jobs.find_job(jobs.retry(job_id))
    assert (again.kind, again.args, again.title, again.submitted_by) == ("sample", {"a": 1}, "First", "Ada")


def test_the_tail_of_a_log_is_its_last_lines_whatever_bytes_it_holds() -> None:
    job_id = jobs.enqueue("sample", None, {})
    assert jobs.log_tail(job_id) == ""
    log = store.job_folder(job_id) / "log.txt"
    log.write_bytes(b"".join(b"line %d\n" % n for n in range(30_000)) + b"<b>\xff\xfe</b>\n")
    assert jobs.log_tail(job_id, 3) == "line 29998\nline 29999\n<b>\ufffd\ufffd</b>"
