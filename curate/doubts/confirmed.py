"""Confirmed labels: whether to ask about one again, and the accuracy of predictions on confirmed images."""

from dataclasses import dataclass

import numpy as np

from curate.evaluation.intervals import Interval, accuracy_interval

# A person is right more often than the heads. On cifar10n suggestions of at least 0.95 contradict 6 of 9,088 right
# labels (with 9 % wrong) and 1 of 5,896 (with 41 %), those of 0.8 contradict 47 and 14. Of the wrong labels they find
# 46 and 116, always with the right suggestion. The doubt must have grown too, else the same evidence is shown twice.
LEAST_PROBABLE, LEAST_GROWN = 0.95, 0.3


@dataclass(frozen=True)
class Gold:
    """Accuracy of predictions on the n confirmed images, and on all images under their present labels."""

    n: int
    accuracy: Interval
    accuracy_all: Interval


def asks_again(
    doubt: np.ndarray,
    doubt_when_confirmed: np.ndarray,
    is_other: np.ndarray,
    p_suggested: np.ndarray,
    checked: np.ndarray,
) -> np.ndarray:
    """Returns (N,) bool: confirmed images whose evidence has become much stronger since the confirmation.

    doubt, doubt_when_confirmed: (N,) in [0, 1], 1 = doubt, NaN where none was shown (then False).
    is_other: (N,) bool, another label than the given one is suggested, with probability p_suggested: (N,).

    >>> now, then = np.array([0.9, 0.9, 0.5]), np.array([0.5, 0.8, np.nan])
    >>> asks_again(now, then, np.ones(3, bool), np.full(3, 0.97), np.ones(3, bool))
    array([ True, False, False])
    """
    grown = doubt - doubt_when_confirmed  # comparisons with NaN are False
    return checked & is_other & (p_suggested >= LEAST_PROBABLE) & (grown >= LEAST_GROWN)


def why_again(doubt: float, doubt_when_confirmed: float) -> str:
    """Returns a sentence on why a confirmed image is asked about again; the evidence of `explain` follows it.

    >>> why_again(0.97, 0.41)
    'Its doubt has grown from 0.41 to 0.97 since it was confirmed.'
    """
    return f"Its doubt has grown from {doubt_when_confirmed:.2f} to {doubt:.2f} since it was confirmed."


def gold(predicted: np.ndarray, labels: np.ndarray, checked: np.ndarray) -> Gold:
    """Returns the accuracy of predictions (N,) on the confirmed images and on all, with 95 % intervals.

    >>> result = gold(np.array([0, 1, 1]), np.array([0, 1, 0]), np.array([True, True, False]))
    >>> result.n, result.accuracy.value, round(result.accuracy_all.value, 2)
    (2, 1.0, 0.67)
    """
    right = predicted == labels
    n = int(checked.sum())
    return Gold(n, accuracy_interval(int(right[checked].sum()), n), accuracy_interval(int(right.sum()), len(right)))
