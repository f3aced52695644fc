"""Scores an old run under today's labels from its stored probabilities, without running the model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# A probability that underflowed to 0 would give an infinite loss; this is the smallest that float32 holds in full.
_SMALLEST = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True)
class Rescored:
    """One value per image, in the given order: `losses` (large = bad), `predicted` position, `p_actual` in [0, 1]."""

    losses: np.ndarray
    predicted: np.ndarray
    p_actual: np.ndarray


def align_columns(probabilities: np.ndarray, positions: Sequence[int], n_labels: int) -> np.ndarray:
    """Returns a run's probabilities with columns in the order of today's labels: (N, C) float32.

    probabilities: (N, K), columns in the run's order; positions: (K,) today's position of each, -1 for a removed label.
    Labels unknown to the run become NaN columns, which `rescore` and `compare` handle.

    >>> align_columns(np.array([[0.2, 0.3, 0.5]]), [1, -1, 0], 3)
    array([[0.5, 0.2, nan]], dtype=float32)
    """
    aligned = np.full((len(probabilities), n_labels), np.nan, dtype=np.float32)
    kept = [column for column, position in enumerate(positions) if position >= 0]
    aligned[:, [positions[column] for column in kept]] = probabilities[:, kept]
    return aligned


def is_scored(probabilities: np.ndarray) -> np.ndarray:
    """Returns (N,) bool: the run has a probability for the image; a row of NaN is an image it never saw."""
    return ~np.isnan(probabilities).all(axis=1)


def rescore(probabilities: np.ndarray, labels: np.ndarray) -> Rescored:
    """Returns losses (cross-entropy), predictions and probabilities of the actual label, under the given labels.

    probabilities: (N, C), columns in the order of today's labels; NaN = a label unknown to the run. Such a label is
    never predicted; an image with it is wrong, has `p_actual` 0 and a NaN loss (undefined, so that it does not dominate
    means and maxima). Leave out images that the run never saw (`is_scored`). labels: (N,) int positions. Losses are
    capped at 87.3 (the probability underflowed).

    >>> rescored = rescore(np.array([[0.5, 0.5], [0.1, 0.9]]), np.array([0, 0]))
    >>> rescored.losses.round(2), rescored.predicted, rescored.p_actual
    (array([0.69, 2.3 ]), array([0, 1]), array([0.5, 0.1]))
    """
    labels = np.asarray(labels, dtype=np.int64)
    p_known = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    losses = -np.log(np.clip(p_known, _SMALLEST, 1.0)) + 0.0  # + 0.0 turns -0.0 into 0.0; NaN stays NaN
    predicted = np.where(np.isnan(probabilities), -1.0, probabilities).argmax(axis=1)
    return Rescored(losses, predicted, np.nan_to_num(p_known, nan=0.0))
