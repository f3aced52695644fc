"""What a run's stored probabilities say of its pictures, under the labels of one source."""

from functools import lru_cache

import numpy as np

from curate import settings, store
from curate.evaluation.per_picture import PerPicture, per_picture
from curate.review.reports.evaluated import Evaluated

FILE = "probabilities.npy"


def find_per_picture(evaluated: Evaluated) -> PerPicture | None:
    """Returns the figures of the pictures, in their order; None where the run's file of probabilities is missing."""
    if not are_stored(evaluated.run.id):
        return None
    return _find(settings.database_url(), evaluated)


def are_stored(run_id: int) -> bool:
    """Whether the run's folder still has its probabilities."""
    return (store.run_folder(run_id) / FILE).exists()


def column_of_label(evaluated: Evaluated) -> np.ndarray:
    """Returns (C,) the column of each label in the run's probabilities, -1 for one that the run did not know."""
    columns = {label_id: column for column, label_id in enumerate(evaluated.run.label_ids)}
    return np.array([columns.get(label.id, -1) for label in evaluated.labels], np.int64)


def read_probabilities(run_id: int) -> np.ndarray:
    """Returns the (N, C) probabilities of a run, memory-mapped; columns in the order of its `label_ids`."""
    return np.load(store.run_folder(run_id) / FILE, mmap_mode="r")  # type: ignore[no-any-return]


@lru_cache(maxsize=4)  # 21 MB each at a million pictures; `Evaluated` is cached itself, and compared by identity
def _find(_database: str, evaluated: Evaluated) -> PerPicture:
    actual = column_of_label(evaluated)[evaluated.actual]
    return per_picture(read_probabilities(evaluated.run.id), evaluated.score_rows, actual)
