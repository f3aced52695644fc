"""What an old run says about today's labels: its stored probabilities are enough, the model is not run again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# A probability that underflowed to 0 would give an infinite loss; this is the smallest that float32 holds in full.
_SMALLEST = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True)
class Rescored:
    """One value per image, in the order given: `losses` (large = bad), `predicted` position, `p_actual` in [0, 1]."""

    losses: np.ndarray
    predicted: np.ndarray
    p_actual: np.ndarray


def align_columns(probabilities: np.ndarray, positions: Sequence[int], n_labels: int) -> np.ndarray:
    """A run's probabilities with their columns in the order of today's labels: (N, C) float32.

    probabilities: (N, K), columns in the run's own order; positions: (K,) today's position of each, -1 for a label
    that is gone. Labels the run did not know become NaN columns, which `rescore` and `compare` understand.

    >>> align_columns(np.array([[0.2, 0.3, 0.5]]), [1, -1, 0], 3)
    array([[0.5, 0.2, nan]], dtype=float32)
    """
    aligned = np.full((len(probabilities), n_labels), np.nan, dtype=np.float32)
    kept = [column for column, position in enumerate(positions) if position >= 0]
    aligned[:, [positions[column] for column in kept]] = probabilities[:, kept]
    return aligned


def is_scored(probabilities: np.ndarray) -> np.ndarray:
    """(N,) bool: whether the run has any probability for the image; a row of NaN alone is an image it never saw."""
    return ~np.isnan(probabilities).all(axis=1)


def rescore(probabilities: np.ndarray, labels: np.ndarray) -> Rescored:
    """Cross-entropy losses, predictions and probabilities of the actual label, under the labels given.

    probabilities: (N, C), columns in the order of today's labels; NaN = the run did not know that label. Such a label
    is never predicted; an image filed under it is wrong, has `p_actual` 0 and a NaN loss (undefined, so it does not
    swamp means and maxima). Leave out images the run never saw (`is_scored`) first. labels: (N,) int positions.
    Losses are capped at 87.3 (the probability underflowed).

    >>> rescored = rescore(np.array([[0.5, 0.5], [0.1, 0.9]]), np.array([0, 0]))
    >>> rescored.losses.round(2), rescored.predicted, rescored.p_actual
    (array([0.69, 2.3 ]), array([0, 1]), array([0.5, 0.1]))
    """
    labels = np.asarray(labels, dtype=np.int64)
    p_known = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    losses = -np.log(np.clip(p_known, _SMALLEST, 1.0)) + 0.0  # + 0.0 turns -0.0 into 0.0; NaN stays NaN
    predicted = np.where(np.isnan(probabilities), -1.0, probabilities).argmax(axis=1)
    return Rescored(losses, predicted, np.nan_to_num(p_known, nan=0.0))
