"""Submits the ledger of two runs."""

from curate.catalog import jobs as rows
from curate.catalog.runs import RunRow
from curate.jobs import client
from curate.review.worth import ledger, repeats

KIND = "ledger"


def submit(before: RunRow, after: RunRow, by: str) -> int:
    """Queue the ledger of two runs; returns the job's id, or that of one that waits. Raises BadInput."""
    ledger.check_pair(before, after)
    repeats.can_repeat(before, after)
    waiting = find_open(before, after)
    args = {"before": before.id, "after": after.id}
    title = f"Ledger of {before.name} and {after.name}"
    return waiting.id if waiting else client.enqueue(KIND, before.project_id, args, title, by)


def find_open(before: RunRow, after: RunRow) -> rows.JobRow | None:
    """Returns the job that makes this ledger and has not ended."""
    open_rows = (row for row in rows.list_jobs(before.project_id, rows.OPEN) if row.kind == KIND)
    return next((row for row in open_rows if (row.args["before"], row.args["after"]) == (before.id, after.id)), None)
