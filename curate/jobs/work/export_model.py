"""The job that makes the zip of a run's model."""

from typing import Any

import numpy as np

from curate import store
from curate.catalog import projects, runs, samples
from curate.errors import BadInput
from curate.jobs.context import JobContext
from curate.jobs.submit.export_model import zip_of
from curate.jobs.work import graph
from curate.model_export import write
from curate.onnx_graph.write import RunName
from curate.prediction import client


def run(context: JobContext) -> dict[str, Any]:
    """{"run_id", "bytes"}; the zip lies where `submit.export_model.zip_of` says. args: {"run_id"}."""
    row = runs.find_run(int(context.args["run_id"]))
    folder = store.run_folder(row.id)
    context.step(0, None, "Writing the model's graph")
    if not graph.write(row.id):
        raise BadInput(f"{row.name} cannot be exported. {client.why_no_graph(folder)}")
    name = RunName(projects.find_project(row.project_id).name, row.number, row.version_number)
    path = zip_of(row.id)
    write.write(folder, name, _validation(row.id), path, lambda text: context.step(0, None, text))
    return {"run_id": row.id, "bytes": path.stat().st_size}


def _validation(run_id: int) -> write.Validation:
    """Validation pictures whose files are there, and their stored probabilities."""
    stored = np.load(store.run_folder(run_id) / "probabilities.npy", mmap_mode="r")
    pictures = samples.held_out(run_id, write.MOST_COMPARED)
    there = [(row, store.blob_path(sha)) for row, sha in pictures if store.blob_path(sha).exists()]
    return write.Validation([file for _, file in there], np.asarray(stored[[row for row, _ in there]]))
