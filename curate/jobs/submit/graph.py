"""Graphs of runs that have none yet. Nothing here writes one, nor imports what does."""

from curate import store
from curate.catalog import jobs as rows
from curate.catalog.runs import RunRow
from curate.jobs import client
from curate.onnx_graph import GRAPH, NO_GRAPH

KIND = "graph"


def ensure(run: RunRow, by: str) -> int | None:
    """Id of the job that writes the run's graph; None when it is there, cannot be written, or a job failed at it."""
    folder = store.run_folder(run.id)
    if (folder / GRAPH).exists() or (folder / NO_GRAPH).exists():
        return None
    earlier = [row for row in rows.list_jobs(run.project_id) if row.kind == KIND and row.args.get("run_id") == run.id]
    if earlier:
        return earlier[0].id if earlier[0].is_open else None
    return client.enqueue(KIND, run.project_id, {"run_id": run.id}, submitted_by=by)
