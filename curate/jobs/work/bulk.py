"""Jobs of the grid: a bulk decision on many images, its undo, and the columns of a large run."""

from typing import Any

from curate.errors import BadInput
from curate.jobs.context import JobContext
from curate.review.deciding import bulk, undo
from curate.review.deciding.bulk import BulkRequest
from curate.review.listing import score_columns

UNDO_S = 2.0  # between two checks for a cancellation


def run(context: JobContext) -> dict[str, Any]:
    """Decide in bulk; returns {action: images, "gone": n, "silent": n}.

    After a cancellation the stored decisions stay; one undo reverts them.
    """

    def on_progress(done: int, total: int) -> None:
        context.step(done, total, "Deciding")

    done = bulk.carry_out(
        BulkRequest(**{name: context.args[name] for name in BulkRequest.__dataclass_fields__}), on_progress
    )
    return {**done.stored, "gone": done.n_gone, "silent": done.n_silent}


def run_undo(context: JobContext) -> dict[str, Any]:
    """Undo a bulk step; returns {"words": a sentence}. args: project_id, reviewer, key of the step, n images."""
    reviewer, n_done = context.args["reviewer"], 0
    while True:
        context.step(n_done, context.args.get("n"), "Undoing")
        turn = undo.undo(context.args["project_id"], reviewer, context.args["key"], within_s=UNDO_S)
        n_done += turn.n_changed
        if turn.is_complete:
            return {"words": undo.describe(turn, reviewer)}


def run_columns(context: JobContext) -> None:
    """Write a run's columns. args: run_id, n images."""
    if "run_id" not in context.args:
        raise BadInput("Columns are those of a run.")
    score_columns.build(context.args["run_id"], lambda n: context.step(n, context.args.get("n"), "Reading the scores"))
