"""The job that writes a run's graph; trainings and quick looks write theirs at their end by the same function."""

from typing import Any

from curate import store
from curate.catalog import projects, runs
from curate.jobs.context import JobContext
from curate.onnx_graph import write as graph


def run(context: JobContext) -> dict[str, Any]:
    """{"run_id", "is_written"}. args: {"run_id"}."""
    run_id = int(context.args["run_id"])
    context.step(0, None, "Writing the model's graph")
    return {"run_id": run_id, "is_written": write(run_id)}


def write(run_id: int) -> bool:
    """Whether the finished run has its graph now; where it cannot have one, its folder says why. Raises NotFound."""
    row = runs.find_run(run_id)
    name = graph.RunName(projects.find_project(row.project_id).name, row.number, row.version_number)
    return graph.ensure(store.run_folder(run_id), name)
