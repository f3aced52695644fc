"""The job that makes the zip of a run's model."""

from typing import Any

import numpy as np

from curate import store
from curate.catalog import attribution, images, projects, runs, samples
from curate.catalog.images import ImageRow
from curate.catalog.runs import RunRow
from curate.errors import BadInput
from curate.jobs.context import JobContext
from curate.jobs.submit.export_model import MODEL, SPACE, zip_of
from curate.jobs.work import graph
from curate.model_export import space, write
from curate.onnx_graph.write import RunName
from curate.prediction import client

_MOST_LOOKED_AT = 500  # held-out pictures that a Space's examples are taken from


def run(context: JobContext) -> dict[str, Any]:
    """{"run_id", "bytes"}; the zip lies where `submit.export_model.zip_of` says. args: {"run_id", "format"}."""
    row = runs.find_run(int(context.args["run_id"]))
    folder = store.run_folder(row.id)
    context.step(0, None, "Writing the model's graph")
    if not graph.write(row.id):
        raise BadInput(f"{row.name} cannot be exported. {client.why_no_graph(folder)}")
    name = RunName(projects.find_project(row.project_id).name, row.number, row.version_number)
    path = zip_of(row.id, context.args.get("format", MODEL))
    if context.args.get("format") == SPACE:
        space.write(folder, name, _examples(row), path, lambda text: context.step(0, None, text))
    else:
        write.write(folder, name, _validation(row.id), path, lambda text: context.step(0, None, text))
    return {"run_id": row.id, "bytes": path.stat().st_size}


def _validation(run_id: int) -> write.Validation:
    """Validation pictures whose files are there, and their stored probabilities."""
    stored = np.load(store.run_folder(run_id) / "probabilities.npy", mmap_mode="r")
    pictures = samples.held_out(run_id, write.MOST_COMPARED)
    there = [(row, store.blob_path(sha)) for row, sha in pictures if store.has_blob(sha)]
    return write.Validation([file for _, file in there], np.asarray(stored[[row for row, _ in there]]))


def _examples(run: RunRow) -> list[space.Example]:
    """A held-out picture of each of a few labels, those with a known licence first."""
    names = projects.label_names(run.project_id)
    shown = [(one, attribution.credit_of(one.id, names[one.label_id], one.file_name, one.provenance))
             for one in _held_out_images(run) if store.has_blob(one.sha)]  # fmt: skip
    shown.sort(key=lambda pair: not pair[1].licence)
    first = {one.label_id: (one, credit) for one, credit in reversed(shown)}
    return [
        space.Example(store.blob_path(one.sha), credit.label, attribution.in_a_line(credit))
        for label_id in run.label_ids
        if label_id in first
        for one, credit in [first[label_id]]
    ][: space.MOST_EXAMPLES]


def _held_out_images(run: RunRow) -> list[ImageRow]:
    shas = [sha for _, sha in samples.held_out(run.id, _MOST_LOOKED_AT)]
    of_sha = images.showing(run.project_id, shas)
    return [row for row in images.image_rows(list(of_sha.values())) if row.state == "active"]
