"""Which training pictures a quick look's answer comes from, and what it becomes when one of them is relabelled.

Both are exact: a score is a sum over training pictures, and the coefficients are linear in their labels.
Source: Yeh and others (2018), "Representer Point Selection for Explaining Deep Neural Networks".
"""

from functools import lru_cache

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from curate.embeddings import quick_look_head
from curate.embeddings.quick_look_head import MOST_FITTED, RIDGE, QuickHead, kernel, points_of

MOST_KEPT = 4_000  # training pictures up to which the factored kernel is kept: 64 MB
MOST_OF_STAND_IN = 3_000  # a stand-in is fitted on so many: a second


def fitted_rows(n: int) -> np.ndarray:
    """Returns (M,) rows of n training pictures in the order of a quick look's points."""
    return np.random.default_rng(0).permutation(n)[:MOST_FITTED]


def pulls(head: QuickHead, embedding: np.ndarray, towards: int, against: int) -> np.ndarray:
    """Returns (M,) float32: how much each training picture raises one label's score over another's.

    embedding: (D,).  towards, against: positions of labels.  Their sum is the difference of both scores.
    """
    return _similarities(head, embedding) * (head.solved[:, towards] - head.solved[:, against])


def probabilities(head: QuickHead, embedding: np.ndarray) -> np.ndarray:
    """Returns (C,) the head's probabilities for one (D,) embedding."""
    return head.predict(embedding[None])[0]


class Relabelling:
    """The answers for one picture with one training picture relabelled: one solve for all of them."""

    def __init__(self, head: QuickHead, embedding: np.ndarray) -> None:
        """embedding: (D,) of the picture that is asked about."""
        self._head = head
        similar = _similarities(head, embedding)
        self._scores = np.float32(1 / head.solved.shape[1]) + similar @ head.solved
        # A score is k K⁻¹ T with the targets T: relabelling row i adds and takes away entry i of k K⁻¹.
        self._weights = _solve(head.points, similar)

    def probabilities(self, row: int, old: int, new: int) -> np.ndarray:
        """Returns (C,) the probabilities if training picture `row` had the label `new` instead of `old`.

        The temperature stays as it was fitted.
        """
        scores = self._scores.copy()
        scores[new] += self._weights[row]
        scores[old] -= self._weights[row]
        logits = self._head.temperature * scores
        raised = np.exp(logits - logits.max())
        return np.asarray(raised / raised.sum())


def stand_in(embeddings: np.ndarray, labels: np.ndarray, n_labels: int) -> QuickHead:
    """Returns a head on a fine-tuned run's pictures, which stands in for it: its points are in the order of the rows.

    embeddings: (M, D), at most `MOST_OF_STAND_IN`.  labels: (M,) positions.
    """
    mean = embeddings.mean(axis=0, dtype=np.float64).astype(np.float32)
    matrix = np.eye(embeddings.shape[1], dtype=np.float32)
    head = quick_look_head.fit(mean, matrix, embeddings, labels, n_labels)
    back = np.argsort(fitted_rows(len(labels)))
    return QuickHead(mean, matrix, head.points[back], head.solved[back], head.temperature)


def _similarities(head: QuickHead, embedding: np.ndarray) -> np.ndarray:
    """(M,) kernel between a picture and the training pictures."""
    return np.asarray(kernel(points_of(embedding[None], head.mean, head.matrix), head.points)[0])


def _solve(points: np.ndarray, right: np.ndarray) -> np.ndarray:
    factor = _kept_factor(_Points(points)) if len(points) <= MOST_KEPT else _factor(points)
    return np.asarray(cho_solve(factor, right, check_finite=False))


class _Points:
    """Points that are compared by their content, as the key of a cache."""

    def __init__(self, points: np.ndarray) -> None:
        self.points = points
        self._content = (points.shape, points[:2].tobytes(), float(points.sum()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Points) and np.array_equal(self.points, other.points)

    def __hash__(self) -> int:
        return hash(self._content)


@lru_cache(maxsize=1)
def _kept_factor(points: _Points) -> tuple[np.ndarray, bool]:
    return _factor(points.points)


def _factor(points: np.ndarray) -> tuple[np.ndarray, bool]:
    system = kernel(points, points)
    system[np.arange(len(points)), np.arange(len(points))] += np.float32(RIDGE)
    factor: tuple[np.ndarray, bool] = cho_factor(system, lower=True, overwrite_a=True, check_finite=False)
    return factor
