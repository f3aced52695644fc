"""What tests of several folders make: pages opened as a visitor does, images, runs and doubts made by hand."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from curate import store
from curate.catalog import images, runs
from curate.catalog import jobs as job_rows
from curate.data_export import version_images
from curate.data_export.formats import find_format
from curate.data_export.order import Order
from curate.data_export.tree import Written
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import training
from curate.training.settings.config import TrainConfig

LabelledPictures = tuple[list[Path], np.ndarray, np.ndarray]  # paths, (N,) labels, (N,) True = held out
MAIN = Path(__file__).parents[1] / "curate" / "ui" / "main.py"
FIRST_EPOCH = {
    "epoch": 0, "phase": "frozen", "train_loss": 0.8, "valid_loss": 0.7, "accuracy": 0.75, "seconds": 3.0,
}  # fmt: skip


def open_page(name: str = "", **query: object) -> AppTest:
    """That page of the app under that address, run through the app's entry, without an exception.

    name: of the page's file; "" = the page that the app begins with.
    """
    app = AppTest.from_file(str(MAIN), default_timeout=120)  # s; a busy machine takes 34 for a first page
    for key, value in query.items():
        app.query_params[key] = str(value)
    app.run()
    if name:
        app.switch_page(f"../../pages/{name}.py").run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def add_pictures(project_id: int, entries: Mapping[str, tuple]) -> None:
    """Images of {file name: (label, split, …)}, without picture files."""
    new = []
    for name, (label, split, *_) in entries.items():
        sha = hashlib.sha256(name.encode()).hexdigest()
        images.add_blobs([images.NewBlob(sha, 10, 8, 8, "PNG", bytes(32))])
        new.append(images.NewImage(sha, label, name, split))
    images.add_images(project_id, new, "ann", "Imported", ["cat", "dog"])


def add_run(
    project_id: int,
    probabilities: Sequence[tuple[float, ...]] | np.ndarray,
    config: dict[str, Any] | None = None,
    epoch: Mapping[str, Any] | None = None,
    seconds: float = 61.0,
    job_id: int | None = None,
) -> int:
    """Id of a finished run over the project's present images with these probabilities, in id order.

    epoch: the only row of its epoch table, `FIRST_EPOCH` for instance; None = no row.
    """
    chosen = runs.training_set(project_id)
    probs = np.array(probabilities, np.float32)
    run_id = runs.create_run(project_id, config or {"architecture": "resnet18", "epochs": 2}, chosen, job_id)
    if epoch:
        runs.add_epoch(run_id, dict(epoch))
    np.save(store.run_folder(run_id) / "probabilities.npy", probs)
    losses = -np.log(probs[np.arange(len(probs)), chosen.labels])
    runs.finish_run(run_id, chosen, losses, probs, {"device": "CPU", "seconds": seconds})
    return run_id


def add_doubted_run(
    project_id: int,
    probabilities: Sequence[tuple[float, ...]],
    doubt: Sequence[float],
    suggested: Mapping[int, int] | None = None,
    uncertainty: Sequence[float] | None = None,
    suggests_delete: Sequence[int] = (),
    asks_again: Sequence[int] = (),
) -> int:
    """Id of a finished run over the project's images, everything in id order.

    suggested: {image's place: label's place}, with a probability of 0.8 each.  suggests_delete, asks_again: places.
    """
    chosen = runs.training_set(project_id)
    n, places = len(chosen.labels), np.arange(len(chosen.labels))
    probs = np.array(probabilities, np.float32)
    run_id = runs.create_run(project_id, {"architecture": "resnet18"}, chosen, None)
    np.save(store.run_folder(run_id) / "probabilities.npy", probs)
    better = np.array([(suggested or {}).get(place, -1) for place in range(n)])
    doubts = runs.Doubts(
        doubt=np.array(doubt, float),
        suggested=better,
        p_suggested=np.full(n, 0.8),
        suggests_delete=np.isin(places, suggests_delete),
        uncertainty=np.array(uncertainty if uncertainty is not None else doubt, float),
        asks_again=np.isin(places, asks_again),
    )
    losses = -np.log(probs[places, chosen.labels])
    runs.finish_run(run_id, chosen, losses, probs, {"device": "CPU"}, doubts=doubts)
    return run_id


def train_here(project_id: int, config: TrainConfig) -> runs.RunRow:
    """The finished run of a training or quick look with these settings, done in this process."""
    job_id = training.submit(project_id, config, "Ada")
    run_job(job_id)
    row = job_rows.find_job(job_id)
    assert row.status == "done", row.message
    return runs.find_run((row.result or {})["run_id"])


def export(project_id: int, format: str, path: Path, number: int | None = None, **extras: Any) -> Written:
    """What an export of a version (None = the newest) in this process wrote. extras: fields of `Order`."""
    order = Order(version_images.find_version(project_id, number), **extras)
    return find_format(format).write(order, path, lambda *_: None)
