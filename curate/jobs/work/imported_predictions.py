"""The job that makes a run of predictions from elsewhere: matrix, doubts, grid and comparison, but no model."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from curate import store
from curate.catalog import runs
from curate.catalog.database import reading
from curate.catalog.tables.core import Image, Label
from curate.errors import BadInput
from curate.imported_predictions.match import UNMATCHED, Matched, match
from curate.imported_predictions.read import Predictions, read_file
from curate.jobs.context import JobContext
from curate.jobs.submit.imported_predictions import ALL, NONE, run_config
from curate.jobs.work.training_doubts import doubts_of
from curate.review.listing import score_columns
from curate.training import saved_model
from curate.training.phase_timer import PhaseTimer

if TYPE_CHECKING:
    from curate.jobs.work.doubts import Doubted

_LEAST = 1e-37  # about float32's smallest: the logarithm of 0 is not finite


def run(context: JobContext) -> dict[str, Any]:
    """{"run_id", "accuracy", "n_matched", "counts", "examples"}. args: see `submit.imported_predictions.submit`."""
    if context.project_id is None:
        raise BadInput("Predictions need a project.")
    folder = store.find_incoming(context.args["folder"])
    held_out = context.args["held_out"]
    chosen = runs.training_set(context.project_id)
    predictions = _predictions(context, folder, chosen)
    matched = match(predictions, chosen.shas, _paths(context.project_id), chosen.label_names)
    seen = _held_out(chosen, held_out)
    timer = PhaseTimer({})
    doubted, why_not = _doubts(context, chosen, matched, seen, timer) if held_out != NONE else (None, _NOT_HELD_OUT)
    part = _part(chosen, matched.rows)
    run_id = runs.create_run(context.project_id, run_config(context.args["model"]), part, context.job_id)
    notes = [_IN_WORDS[held_out], *matched.notes, *_left_out(chosen, matched), *([why_not] if why_not else [])]
    _store(run_id, part, matched, seen[matched.rows], doubted, notes)
    store.remove_incoming(folder)
    accuracy = runs.find_run(run_id).accuracy
    return {
        "run_id": run_id, "accuracy": accuracy, "n_matched": len(matched.rows), "counts": matched.counts,
        "examples": matched.examples,
    }  # fmt: skip


_NOT_HELD_OUT = "No doubts were worked out: the model had seen every picture."
_IN_WORDS = {
    "all": "The model had seen none of these pictures, as was stated.",
    "valid": "The model had not seen the validation pictures, as was stated.",
    "none": "The model had seen all of these pictures, as was stated: its accuracy says little.",
}


def _predictions(context: JobContext, folder: Path, chosen: runs.TrainingSet) -> Predictions:
    name = context.args["file"]
    if not name.lower().endswith(".onnx"):
        context.report(0, None, "Reading predictions")
        return read_file(folder / name, chosen.label_names, context.args["is_logits"], name)
    from curate.imported_predictions import onnx_model

    stated = context.args.get("preprocessing")
    how = onnx_model.Preprocessing.from_json(stated) if stated else None
    model = onnx_model.OnnxModel((folder / name).read_bytes(), how, name)
    shas = list(dict.fromkeys(chosen.shas))
    files = store.blob_paths(shas)
    return onnx_model.predictions(model, shas, files, lambda done: context.step(done, len(files), "Asking the model"))


def _paths(project_id: int) -> list[str]:
    """Where each active image came from, in id order: its path at the import, or its label and file name."""
    query = (
        select(Image.file_name, Image.provenance, Label.name)
        .join(Label, Label.id == Image.entry_label_id)
        .where(Image.project_id == project_id, Image.state == "active")
        .order_by(Image.id)
    )
    with reading() as session:
        rows = session.execute(query.execution_options(yield_per=5_000))
        return [str((origin or {}).get("path") or f"{label}/{file}") for file, origin, label in rows]


def _held_out(chosen: runs.TrainingSet, stated: str) -> np.ndarray:
    """(N,) bool: the model had not seen the image."""
    if stated == ALL:
        return np.ones(len(chosen.labels), bool)
    return chosen.is_valid if stated != NONE else np.zeros(len(chosen.labels), bool)


def _doubts(
    context: JobContext, chosen: runs.TrainingSet, matched: Matched, held_out: np.ndarray, timer: PhaseTimer
) -> "tuple[Doubted | None, str]":
    probabilities = np.full((len(chosen.labels), len(chosen.label_ids)), np.nan, np.float32)
    probabilities[matched.rows] = matched.probabilities
    return doubts_of(context, chosen, probabilities, timer, held_out)


def _part(chosen: runs.TrainingSet, rows: np.ndarray) -> runs.TrainingSet:
    """The images that have a prediction."""
    return runs.TrainingSet(
        chosen.version_id, chosen.image_ids[rows], [chosen.shas[row] for row in rows.tolist()], chosen.labels[rows],
        chosen.is_valid[rows], chosen.label_ids, chosen.label_names,
    )  # fmt: skip


def _left_out(chosen: runs.TrainingSet, matched: Matched) -> list[str]:
    """Sentences on images without a row, and on rows without an image."""
    n_absent = len(chosen.labels) - len(matched.rows)
    sentences = [f"{n_absent:,} images of the project have no prediction and are left out."] if n_absent else []
    for why, n in matched.counts.items():
        some = ", ".join(matched.examples[why][:5])
        sentences.append(f"{n:,} rows {UNMATCHED[why]}: {some}{' …' if n > 5 else ''}")
    return sentences


def _store(
    run_id: int,
    part: runs.TrainingSet,
    matched: Matched,
    held_out: np.ndarray,
    doubted: "Doubted | None",
    notes: list[str],
) -> None:
    folder, probabilities = store.run_folder(run_id), matched.probabilities
    saved_model.write_probabilities(folder, probabilities)
    doubts = None
    if doubted is not None:
        from curate.doubts import stored

        stored.write(folder, doubted.assessment, matched.rows)
        doubts = runs.Doubts(**{name: values[matched.rows] for name, values in vars(doubted.doubts).items()})
    own = probabilities[np.arange(len(part.labels)), part.labels]
    losses = -np.log(np.maximum(own, _LEAST))
    runs.finish_run(run_id, part, losses, probabilities, {"facts": {"notes": notes}}, held_out, doubts)
    score_columns.build(run_id)
