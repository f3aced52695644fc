"""The jobs of writing back: the look before it, the moves, and bringing everything back. args: {"write_back": id}."""

from typing import Any

from curate.jobs.context import JobContext
from curate.write_back import moving, planning


def run_plan(context: JobContext) -> dict[str, Any]:
    """{"write_back": id}, when it is planned."""
    planning.plan(context.args["write_back"], context.step)
    return {"write_back": context.args["write_back"]}


def run(context: JobContext) -> dict[str, Any]:
    """{"write_back": id, "files": {state: files}}, when all have moved or are listed."""
    number = context.args["write_back"]
    return {"write_back": number, "files": moving.carry_out(number, context.step)}


def run_undo(context: JobContext) -> dict[str, Any]:
    """{"write_back": id, "files": {state: files}}, when all are back or listed."""
    number = context.args["write_back"]
    return {"write_back": number, "files": moving.undo(number, context.step)}
