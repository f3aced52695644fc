"""Quick looks fitted again to the same pictures: with weights drawn from a seed, or with other labels. No torch.

Both are exact: kernel ridge regression has a closed form. `quick_look_head.fit` gives the same answers.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from curate.embeddings.quick_look_head import RIDGE, kernel

LEFT_OUT = -1  # instead of a label: the image is not fitted
_LIGHTEST = 1e-3  # weight below which an image counts as not drawn; keeps the system well conditioned


def drawn_weights(groups: np.ndarray, seed: int) -> np.ndarray:
    """Returns (N,) random weights of training images, with mean 1 over many; near-duplicates have the same.

    groups: (N,) int, equal for near-duplicates. A quick look draws nothing at random, so that a seed as such would
    change nothing. What chance decides is which pictures were there to learn from: the Bayesian bootstrap (Rubin 1981)
    weighs every picture, as if others had been drawn, without leaving any out.
    """
    _, group = np.unique(groups, return_inverse=True)
    weights = np.random.default_rng(seed).exponential(1.0, int(group.max(initial=-1)) + 1)
    return np.maximum(weights, _LIGHTEST)[group]


def predict_weighted(
    points: np.ndarray, labels: np.ndarray, n_labels: int, weights: np.ndarray, others: np.ndarray
) -> np.ndarray:
    """Returns (V,) predicted label positions of `others` by a head fitted with a weight for each training image.

    points: (N, d) of the training images, others: (V, d), both of length 1 (`quick_look_head.points_of`); labels: (N,);
    weights: (N,) > 0. With all weights 1 it is the head of `quick_look_head.fit`.
    """
    return (kernel(others, points) @ solve_weighted(kernel(points, points), labels, n_labels, weights)).argmax(axis=1)


def solve_weighted(system: np.ndarray, labels: np.ndarray, n_labels: int, weights: np.ndarray) -> np.ndarray:
    """Returns the (N, C) coefficients of a weighted head. system: (N, N) kernel of its points, overwritten."""
    system[np.arange(len(labels)), np.arange(len(labels))] += (RIDGE / weights).astype(np.float32)
    factor = cho_factor(system, lower=True, overwrite_a=True, check_finite=False)
    return cho_solve(factor, _targets(labels, n_labels), check_finite=False)


class Refits:
    """Answers with some labels changed, each a few small products: the system of equations is inverted once.

    Leaving images S out follows from the inverse P of the whole system: without them the coefficients are
    α - P[:, S] P[S, S]⁻¹ α[S].
    """

    def __init__(self, points: np.ndarray, labels: np.ndarray, n_labels: int, others: np.ndarray) -> None:
        """points, labels, others: as `predict_weighted` takes them; labels are those to begin with."""
        self._labels, self._n_labels = labels, n_labels
        system = kernel(points, points)
        system[np.arange(len(points)), np.arange(len(points))] += np.float32(RIDGE)
        factor = cho_factor(system, lower=True, overwrite_a=True, check_finite=False)
        self._inverse = cho_solve(factor, np.eye(len(points), dtype=np.float32), check_finite=False)
        self._hat = kernel(others, points) @ self._inverse
        targets = _targets(labels, n_labels)
        self._solved, self._scores = self._inverse @ targets, self._hat @ targets

    def predict(self, rows: np.ndarray, new_labels: np.ndarray) -> np.ndarray:
        """Returns (V,) predicted label positions once the training images `rows` have these labels, or `LEFT_OUT`.

        rows: (m,) int, each once; all other images keep the label to begin with.
        """
        is_out = new_labels == LEFT_OUT
        moved, out = rows[~is_out], rows[is_out]
        change = _targets(new_labels[~is_out], self._n_labels) - _targets(self._labels[moved], self._n_labels)
        scores = self._scores + self._hat[:, moved] @ change
        if len(out):
            solved = self._solved[out] + self._inverse[np.ix_(out, moved)] @ change
            scores = scores - self._hat[:, out] @ np.linalg.solve(self._inverse[np.ix_(out, out)], solved)
        return scores.argmax(axis=1)


def _targets(labels: np.ndarray, n_labels: int) -> np.ndarray:
    """Returns (N, C): 1 - 1 / C for the own label, else -1 / C."""
    return np.eye(n_labels, dtype=np.float32)[labels] - np.float32(1 / n_labels)
