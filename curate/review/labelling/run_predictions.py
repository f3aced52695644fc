"""What runs predict for unlabelled images: a file of arrays in a run's folder, apart from the run's scores.

So matrices, held-out figures and doubts, which read the scores, never see these images.
"""

import zipfile
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np

from curate import store
from curate.review.labelling import suggestions
from curate.review.labelling.suggestions import NOTHING, Suggestions

_FILE = "unlabelled.npz"


@dataclass(frozen=True)
class RunPredictions:
    """(N,) arrays, by ascending image ids.  predicted: label ids.  p: their probabilities.  margin: p less the next."""

    image_ids: np.ndarray
    predicted: np.ndarray
    p: np.ndarray
    margin: np.ndarray


def from_probabilities(image_ids: np.ndarray, probabilities: np.ndarray, label_ids: list[int]) -> RunPredictions:
    """Returns the predictions for (N,) ascending image ids from (N, C) probabilities, columns as `label_ids`."""
    best = probabilities.argmax(axis=1)
    in_order = np.partition(probabilities, -2, axis=1) if probabilities.shape[1] > 1 else probabilities
    second = in_order[:, -2] if probabilities.shape[1] > 1 else np.zeros(len(best), np.float32)
    p = in_order[:, -1].astype(np.float32)
    return RunPredictions(image_ids, np.array(label_ids, np.int64)[best], p, p - second)


def merge(known: RunPredictions | None, new: RunPredictions) -> RunPredictions:
    """Returns both, by ascending image ids; no image is in both."""
    if known is None:
        return new
    order = np.argsort(np.concatenate([known.image_ids, new.image_ids]), kind="stable")
    return RunPredictions(
        *(np.concatenate([getattr(known, name), getattr(new, name)])[order] for name in vars(new))
    )  # fmt: skip


def write(run_id: int, made: RunPredictions) -> None:
    """Replace the run's predictions for unlabelled images."""
    file = BytesIO()
    np.savez(file, **vars(made))
    store.write_atomic(store.run_folder(run_id) / _FILE, file.getvalue(), is_derived=True)


def find(run_id: int) -> RunPredictions | None:
    """Returns the run's predictions for unlabelled images; None when there are none, or their file is damaged."""
    path = store.run_folder(run_id) / _FILE
    try:
        changed = path.stat()
        return _read(path, changed.st_mtime_ns, changed.st_ino)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def as_suggestions(project_id: int, run_id: int) -> Suggestions | None:
    """Returns the project's suggestions with the labels that the run predicts; None when it has predicted nothing.

    Groups and novelty are those of the project's own suggestions, where there are any. The most useful images are
    those on which the run is the least certain.
    """
    made, own = find(run_id), suggestions.find(project_id) or NOTHING
    if made is None:
        return None
    at, is_known = own.places(made.image_ids)

    def of_own(values: np.ndarray, otherwise: float) -> np.ndarray:
        taken = np.full(len(at), otherwise, values.dtype)
        taken[is_known] = values[at[is_known]]
        return taken

    useful = np.empty(len(at), np.int64)
    useful[np.argsort(made.margin, kind="stable")] = np.arange(len(at))
    return Suggestions(
        own.facts, made.image_ids, made.predicted, made.p,
        of_own(own.novelty, 1), useful, of_own(own.group, int(own.group.max(initial=-1)) + 1), of_own(own.distance, 0),
    )  # fmt: skip


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int, _inode: int) -> RunPredictions:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
        return RunPredictions(kept["image_ids"], kept["predicted"], kept["p"], kept["margin"])


def chosen(project_id: int, run_id: int | None) -> Suggestions | None:
    """Returns what this run suggests, or for None the project's own suggestions; None when there are none."""
    return suggestions.find(project_id) if run_id is None else as_suggestions(project_id, run_id)
