"""Repeats of a run: the same pictures, labels and settings with other seeds, from which training noise is measured.

Repeats of a training are runs of an experiment. Those of a quick look are predictions in the run's folder: its seeds
weigh the training pictures (`embeddings.refit.drawn_weights`).
"""

from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
from sqlalchemy import select

from curate import store
from curate.catalog import projects, runs
from curate.catalog.database import reading
from curate.catalog.runs import RunRow, TrainingSet
from curate.catalog.tables.core import Image, Score
from curate.errors import BadInput
from curate.evaluation import training_noise
from curate.evaluation.training_noise import TrainingNoise
from curate.review.reports.run_comparison import Report, near_duplicates

SEEDS = 3  # more of each run
FILE = "seeds.npz"


@dataclass(frozen=True)
class Predicted:
    """Predicted label ids of a run's validation images by k trainings: (k, V) `label_ids` of (V,) `image_ids`."""

    image_ids: np.ndarray
    label_ids: np.ndarray


def is_quick(run: RunRow) -> bool:
    """Whether a run is a quick look."""
    return run.config.get("method") == "quick_look"


def training_set_of(run: RunRow) -> TrainingSet:
    """Returns the pictures and labels that a run was trained with, without those erased since.

    Raises BadInput when erasures have left too little.
    """
    query = (
        select(Score.image_id, Image.blob_sha, Score.label_id, Score.split)
        .join(Image, Image.id == Score.image_id)
        .where(Score.run_id == run.id, Image.state != "erased")
        .order_by(Score.row)
    )
    with reading() as session:
        rows = session.execute(query).all()
    names = {label.id: label.name for label in projects.labels(run.project_id)}
    position = {label_id: place for place, label_id in enumerate(run.label_ids)}
    chosen = TrainingSet(
        version_id=run.version_id,
        image_ids=np.array([row[0] for row in rows], np.int64),
        shas=[row[1] for row in rows],
        labels=np.array([position[row[2]] for row in rows], np.int64),
        is_valid=np.array([row[3] == "valid" for row in rows], bool),
        label_ids=run.label_ids,
        label_names=[names[label_id] for label_id in run.label_ids],
    )
    runs.check_trainable(chosen)
    return chosen


def new_seeds(before: RunRow, after: RunRow, n: int = SEEDS) -> tuple[list[int], list[int]]:
    """Returns n seeds for either run that no training with its settings has used, none of them twice.

    So the trainings of both are independent draws.
    """
    used = {int(run.config.get("seed", 0)) for run in runs.list_runs(before.project_id)}
    used |= {seed for run in (before, after) for seed in _kept_seeds(run)}
    free = [seed for seed in range(1, len(used) + 2 * n + 1) if seed not in used][: 2 * n]
    return free[:n], free[n:]


def find_noise(report: Report) -> TrainingNoise | None:
    """Returns the training noise of a comparison on its pictures and by its labels; None before both runs have repeats.

    A training counts among its own repeats. A quick look does not, for no weights were drawn for it.
    """
    if any(len(side) < 2 for side in repeats_key(report.before, report.after)):
        return None
    sides = [_predictions(run) for run in (report.before, report.after)]
    shared = report.image_ids
    for one in (*sides[0], *sides[1]):
        shared = np.intersect1d(shared, one.image_ids)
    if not len(shared):
        return None
    labels = report.label_ids[np.searchsorted(report.image_ids, shared)]
    before, after = (np.concatenate([_at(one, shared) for one in side]) for side in sides)
    return training_noise.measure(before, after, labels, near_duplicates(shared))


def repeats_key(before: RunRow, after: RunRow) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Returns what identifies the repeats of both runs; with the runs and their labels it determines the noise."""
    return _all_trainings(before), _all_trainings(after)


def write(run: RunRow, seeds: list[int], predicted: Predicted) -> None:
    """Add predictions of a quick look's repeats to those in its folder; those of a seed that is there are replaced."""
    known = _read(run)
    if known is not None and np.array_equal(known[1].image_ids, predicted.image_ids):
        others = [place for place, seed in enumerate(known[0]) if seed not in seeds]
        seeds = [*(known[0][place] for place in others), *seeds]
        predicted = replace(predicted, label_ids=np.concatenate([known[1].label_ids[others], predicted.label_ids]))
    file = BytesIO()
    np.savez_compressed(file, seeds=seeds, image_ids=predicted.image_ids, label_ids=predicted.label_ids)
    store.write_atomic(store.run_folder(run.id) / FILE, file.getvalue())


def _at(predicted: Predicted, image_ids: np.ndarray) -> np.ndarray:
    order = np.argsort(predicted.image_ids)
    return predicted.label_ids[:, order[np.searchsorted(predicted.image_ids, image_ids, sorter=order)]]


def _all_trainings(run: RunRow) -> tuple[int, ...]:
    """Returns what identifies each training that counts for a run: seeds of a quick look, ids of runs."""
    return tuple(_kept_seeds(run) if is_quick(run) else [one.id for one in same_but_seed(run)])


def same_but_seed(run: RunRow) -> list[RunRow]:
    """Returns the finished runs on a run's labels with its settings and any seed, the run first; one of each seed."""
    by_seed = {run.config.get("seed"): run}
    for other in runs.list_runs(run.project_id, only_done=True):
        is_same = other.version_id == run.version_id and _without_seed(other) == _without_seed(run)
        if is_same and other.n_valid == run.n_valid:
            by_seed.setdefault(other.config.get("seed"), other)
    return list(by_seed.values())


def _without_seed(run: RunRow) -> dict[str, object]:
    return {name: value for name, value in run.config.items() if name != "seed"}


def _predictions(run: RunRow) -> list[Predicted]:
    if is_quick(run):
        known = _read(run)
        return [known[1]] if known else []
    return [_of_scores(runs.scores(one.id)) for one in same_but_seed(run)]


def _of_scores(scores: runs.Scores) -> Predicted:
    return Predicted(scores.image_ids[scores.is_valid], scores.predicted_ids[scores.is_valid][None])


def _kept_seeds(run: RunRow) -> list[int]:
    known = _read(run)
    return known[0] if known else []


def _read(run: RunRow) -> tuple[list[int], Predicted] | None:
    path = store.run_folder(run.id) / FILE
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as file:
        return file["seeds"].tolist(), Predicted(file["image_ids"], file["label_ids"])


def can_repeat(before: RunRow, after: RunRow) -> None:
    """Raises BadInput unless both runs can be trained again."""
    for run in (before, after):
        if not run.has_model:
            raise BadInput(f"{run.name} holds the predictions of a model from elsewhere: it cannot be trained again.")
