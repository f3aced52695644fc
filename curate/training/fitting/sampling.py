"""Draws a share of the training pictures. It imports no torch."""

import numpy as np


def draw_share(rows: np.ndarray, labels: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Returns this share of the rows, in order, evenly from every label, at least one of each; the seed decides.

    A larger share contains the rows of a smaller one, so that a curve over shares shows the effect of more pictures.
    labels: (N,) of all pictures.

    >>> draw_share(np.arange(8), np.array([0, 0, 0, 0, 1, 1, 1, 1]), 0.5, seed=0)
    array([2, 3, 4, 6])
    """
    if share >= 1:
        return rows
    shuffled = np.random.default_rng(seed).permutation(rows)
    kept = []
    for label in np.unique(labels[rows]):
        of_label = shuffled[labels[shuffled] == label]
        kept.append(of_label[: max(1, round(share * len(of_label)))])
    return np.sort(np.concatenate(kept))
