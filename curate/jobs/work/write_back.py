"""The jobs of a write-back: its preview, the moves, and their undo. args: {"write_back": id}."""

from typing import Any

from curate.jobs.context import JobContext
from curate.write_back import moving, planning


def run_plan(context: JobContext) -> dict[str, Any]:
    """Plan the moves; returns {"write_back": id}."""
    planning.plan(context.args["write_back"], context.step)
    return {"write_back": context.args["write_back"]}


def run(context: JobContext) -> dict[str, Any]:
    """Move the files; returns {"write_back": id, "files": {state: number}}."""
    number = context.args["write_back"]
    return {"write_back": number, "files": moving.carry_out(number, context.step)}


def run_undo(context: JobContext) -> dict[str, Any]:
    """Move the files back; returns {"write_back": id, "files": {state: number}}."""
    number = context.args["write_back"]
    return {"write_back": number, "files": moving.undo(number, context.step)}
