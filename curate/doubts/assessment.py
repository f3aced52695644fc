"""The result of an assessment, and the part from which the next one starts."""

from dataclasses import dataclass

import numpy as np

from curate.doubts.heads import HeadsResult
from curate.doubts.neighbours import Neighbours


@dataclass(frozen=True)
class Assessment:
    """An assessment of N images, in row order.

    doubt: float32 in [0, 1], 1 = surely wrong; its mean is the estimated share of wrong labels.  suggested: int64
    position, the given label where none is better.  p_suggested: float32, its probability.  outlier: float32 in
    [0, 1], 1 = far from everything.  suggests_delete: bool.  uncertainty: float32 in [0, 1], 1 = torn between two
    labels.  votes_for_suggested of n_models held-out models, neighbours_for_suggested of n_neighbours: int16.
    probabilities: (N, C) float32, held-out.  reasons: {name: (N,) float32, 1 = doubt}.  joint: (C, C) estimated shares
    by given (row) and true label, from `noise.joint`.  heads, nearest: reused by the next assessment of the same rows.
    """

    doubt: np.ndarray
    suggested: np.ndarray
    p_suggested: np.ndarray
    outlier: np.ndarray
    suggests_delete: np.ndarray
    uncertainty: np.ndarray
    votes_for_suggested: np.ndarray
    n_models: int
    neighbours_for_suggested: np.ndarray
    n_neighbours: int
    probabilities: np.ndarray
    reasons: dict[str, np.ndarray]
    joint: np.ndarray
    heads: HeadsResult
    nearest: Neighbours


@dataclass(frozen=True)
class Start:
    """The parts of an earlier Assessment that `assess` reuses."""

    heads: HeadsResult
    nearest: Neighbours
