"""The job that looks for combinations of slices in which a run is worse than elsewhere."""

from typing import Any

from curate.catalog import runs
from curate.evaluation.slice_combinations import find_combinations
from curate.jobs.context import JobContext
from curate.review.reports import slice_combinations as stored
from curate.review.reports.evaluated import find_evaluated
from curate.review.reports.slices import find_run_slices


def run(context: JobContext) -> dict[str, Any]:
    """Returns {"n": combinations that held}. args: {"run": id, "split", "source": of the labels}."""
    evaluated = find_evaluated(runs.find_run(context.args["run"]), context.args["split"], context.args["source"])
    context.step(0, None, "Looking at slices")
    known = find_run_slices(evaluated)
    context.step(0, None, "Combining slices")
    found = find_combinations(evaluated.is_wrong, known.features, known.groups)
    stored.write(evaluated, found)
    return {"n": len(found.held)}
