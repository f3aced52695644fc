"""Whether a run's probabilities mean what they say: of the pictures it is 80 % sure of, are 80 % right?"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sqlalchemy import select

from curate import settings, store
from curate.catalog.database import reading
from curate.catalog.tables.core import Score
from curate.evaluation import Interval, accuracy_interval

N_BINS = 10


@dataclass(frozen=True)
class Bin:
    """Pictures whose predicted label has about the same probability: its mean, how many they are, the share right."""

    mean_probability: float
    n: int
    right: Interval


@dataclass(frozen=True)
class Reliability:
    """Bins in ascending order, without empty ones; n: pictures in all.

    error: expected calibration error, the mean distance of probability and share right, weighted by pictures; in
    [0, 1], 0 = they agree, NaN without pictures.  Source: Naeini and others (2015).
    """

    bins: list[Bin]
    n: int
    error: float


def find_reliability(run_id: int) -> Reliability:
    """Returns the reliability over the run's validation pictures, under the labels it was trained with."""
    return _find(settings.database_url(), run_id)


def binned(confidence: np.ndarray, is_right: np.ndarray) -> Reliability:
    """confidence: (N,) probability of the predicted label, in [0, 1]; is_right: (N,) whether that is the label.

    >>> round(binned(np.array([0.95, 0.95, 0.55]), np.array([True, False, True])).error, 2)
    0.45
    """
    n = len(confidence)
    numbers = np.minimum((confidence * N_BINS).astype(int), N_BINS - 1)
    bins = []
    for number in np.unique(numbers):
        here = numbers == number
        right = accuracy_interval(int(is_right[here].sum()), int(here.sum()))
        bins.append(Bin(float(confidence[here].mean()), int(here.sum()), right))
    distances = [each.n * abs(each.mean_probability - each.right.value) for each in bins]
    return Reliability(bins, n, sum(distances) / n if n else float("nan"))


@lru_cache(maxsize=64)  # a finished run never changes
def _find(_database: str, run_id: int) -> Reliability:
    query = select(Score.row, Score.label_id == Score.predicted_id)
    with reading() as session:
        rows = session.execute(query.where(Score.run_id == run_id, Score.split == "valid")).all()
    probabilities = np.load(store.run_folder(run_id) / "probabilities.npy", mmap_mode="r")
    places = np.array([row for row, _ in rows], np.int64)
    return binned(probabilities[places].max(axis=1), np.array([bool(right) for _, right in rows], bool))
