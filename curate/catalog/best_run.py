"""Chooses the finished run that a page shows by default, with the reason."""

from dataclasses import dataclass
from typing import Literal

from curate.catalog import runs as run_rows
from curate.catalog.runs import RunRow, outside_experiments
from curate.errors import NotFound

# "answer": to predict and to be evaluated; "review": to rank images for those who put labels right.
Purpose = Literal["answer", "review"]


@dataclass(frozen=True)
class BestRun:
    """A run, and a plain sentence on why it was chosen; no reason where there was no choice."""

    run: RunRow
    reason: str


def best_run(finished: list[RunRow], purpose: Purpose) -> BestRun:
    """Returns the best of at least one finished run, given newest first; an experiment's only without others.

    Only runs on the newest version that was trained on are compared: older ones used other labels. For a review a
    thorough look is preferred. Else the most accurate on validation images wins, and the newest of equal ones.
    """
    own = outside_experiments(finished)
    if purpose == "answer":
        own = [run for run in own if run.has_model] or own
    version = max(run.version_number for run in own)
    runs = [run for run in own if run.version_number == version]
    thorough = [run for run in runs if run.config.get("thorough")]
    if purpose == "review" and thorough:
        reason = f"a thorough look finds the most wrong labels; the newest one on version {version}"
        return _with_reason(thorough[0], own, reason)
    best = max(runs, key=lambda run: (-1.0 if run.accuracy is None else run.accuracy, run.number))
    is_only = len(runs) == 1
    return _with_reason(best, own, f"the {'only' if is_only else 'most accurate'} run on version {version}")


def numbered_or_best(project_id: int, number: int | None, purpose: Purpose) -> BestRun:
    """Returns the finished run of that number, without a reason; the best one when it is None. Raises NotFound."""
    if number is None:
        finished = run_rows.list_runs(project_id, only_done=True)
        if not finished:
            raise NotFound("The project has no finished run.", "Train one first.")
        return best_run(finished, purpose)
    run = run_rows.numbered_run(project_id, number)
    if purpose == "answer" and not run.has_model:
        raise NotFound(f"{run.name} holds the predictions of a model from elsewhere, not the model.")
    return BestRun(run, "")


def _with_reason(run: RunRow, runs: list[RunRow], reason: str) -> BestRun:
    return BestRun(run, f"{run.name} was chosen: {reason}." if len(runs) > 1 else "")
