"""Gets runs ready for predictions: graph and known pictures. Nothing here writes them, nor imports what does."""

from curate import store
from curate.catalog import jobs as rows
from curate.catalog.runs import RunRow
from curate.jobs import client
from curate.onnx_graph import GRAPH, NO_GRAPH
from curate.prediction import familiarity

KIND = "graph"
_KNOWS_PICTURES = "knows_pictures"  # in the result; jobs of before made the graph only


def ensure(run: RunRow, by: str) -> int | None:
    """Id of the job that writes the run's graph and remembers the pictures that it has learnt from.

    None when both are there, cannot be made, or a job failed at it.
    """
    folder = store.run_folder(run.id)
    if (folder / NO_GRAPH).exists() or ((folder / GRAPH).exists() and familiarity.is_written(folder)):
        return None
    earlier = [row for row in rows.list_jobs(run.project_id) if row.kind == KIND and row.args.get("run_id") == run.id]
    if earlier and earlier[0].is_open:
        return earlier[0].id
    if any(row.status != "done" or (row.result or {}).get(_KNOWS_PICTURES) is False for row in earlier):
        return None
    return client.enqueue(KIND, run.project_id, {"run_id": run.id}, submitted_by=by)
