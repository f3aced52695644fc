"""The jobs behind the grid that take longer than a page may: a large bulk, its undo, a large run's columns."""

from typing import Any

from curate.errors import BadInput
from curate.jobs.context import JobContext
from curate.review.deciding import bulk, undo
from curate.review.deciding.bulk import Asked
from curate.review.listing import score_columns

UNDO_S = 2.0  # between two looks at whether somebody cancelled


def run(context: JobContext) -> dict[str, Any]:
    """{action: images}, "gone" and "silent"; cancelled, what was decided stays and can be undone as one step."""

    def told(done: int, total: int) -> None:
        context.step(done, total, "Deciding")

    done = bulk.carry_out(Asked(**{name: context.args[name] for name in Asked.__dataclass_fields__}), told)
    return {**done.stored, "gone": done.n_gone, "silent": done.n_silent}


def run_undo(context: JobContext) -> dict[str, Any]:
    """{"words": what was undone}; args: project_id, reviewer, key of the step, n images."""
    reviewer, n_done = context.args["reviewer"], 0
    while True:
        context.step(n_done, context.args.get("n"), "Undoing")
        turn = undo.undo(context.args["project_id"], reviewer, context.args["key"], within_s=UNDO_S)
        n_done += turn.n_changed
        if turn.is_complete:
            return {"words": undo.in_words(turn, reviewer)}


def run_columns(context: JobContext) -> None:
    """Make a run's columns; args: run_id, n images."""
    if "run_id" not in context.args:
        raise BadInput("Columns are those of a run.")
    score_columns.build(context.args["run_id"], lambda n: context.step(n, context.args.get("n"), "Reading the scores"))
