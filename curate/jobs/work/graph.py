"""The job that gets a run ready for predictions: its graph, and the pictures that it knows.

Trainings and quick looks write their graph at their end by the same function.
"""

from typing import Any

from curate import store
from curate.catalog import projects, runs
from curate.jobs.context import JobContext
from curate.jobs.work import known_pictures
from curate.onnx_graph import write as graph


def run(context: JobContext) -> dict[str, Any]:
    """{"run_id", "is_written", "knows_pictures"}. args: {"run_id"}."""
    run_id = int(context.args["run_id"])
    context.step(0, None, "Writing the model's graph")
    is_written = write(run_id)

    def on_progress(done: int, total: int) -> None:
        context.step(done, total, "Remembering the known pictures")

    knows_pictures = is_written and known_pictures.ensure(run_id, on_progress)
    return {"run_id": run_id, "is_written": is_written, "knows_pictures": knows_pictures}


def write(run_id: int) -> bool:
    """Whether the finished run has its graph now; where it cannot have one, its folder says why. Raises NotFound."""
    row = runs.find_run(run_id)
    name = graph.RunName(projects.find_project(row.project_id).name, row.number, row.version_number)
    return graph.ensure(store.run_folder(run_id), name)
