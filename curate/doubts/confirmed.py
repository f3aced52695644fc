"""What people confirmed: whether to ask again all the same, and what the confirmed images say of the labels."""

from dataclasses import dataclass

import numpy as np

from curate.evaluation.intervals import Interval, accuracy_interval

# A person who looked is right more often than heads that guess. On cifar10n suggestions of 0.95 and more go against 6
# of 9,088 right labels (where 9 % are wrong) and 1 of 5,896 (41 %), at 0.8 against 47 and 14; of the wrong ones they
# name 46 and 116, all rightly. The doubt must have grown, too, or the same evidence would be shown twice.
LEAST_PROBABLE, LEAST_GROWN = 0.95, 0.3


@dataclass(frozen=True)
class Gold:
    """How right predictions are on confirmed images, and on all (as their labels stand)."""

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
    """(N,) bool: confirmed images whose evidence has become much stronger than it was when they were confirmed.

    doubt, doubt_when_confirmed: (N,) in [0, 1], 1 = doubt, NaN where none was shown (then it is not asked again);
    is_other: (N,) bool, another label than the given one is suggested, with probability p_suggested: (N,).

    >>> now, then = np.array([0.9, 0.9, 0.5]), np.array([0.5, 0.8, np.nan])
    >>> asks_again(now, then, np.ones(3, bool), np.full(3, 0.97), np.ones(3, bool))
    array([ True, False, False])
    """
    grown = doubt - doubt_when_confirmed  # comparisons with NaN are False
    return checked & is_other & (p_suggested >= LEAST_PROBABLE) & (grown >= LEAST_GROWN)


def why_again(doubt: float, doubt_when_confirmed: float) -> str:
    """Why a confirmed image is asked about again, one sentence before the evidence of `explain`.

    >>> why_again(0.97, 0.41)
    'Confirmed when its doubt was 41 %, now it is 97 %.'
    """
    return f"Confirmed when its doubt was {doubt_when_confirmed * 100:.0f} %, now it is {doubt * 100:.0f} %."


def gold(predicted: np.ndarray, labels: np.ndarray, checked: np.ndarray) -> Gold:
    """Accuracy of predictions (N,) on the confirmed images beside that on all of them, with 95 % intervals.

    >>> found = gold(np.array([0, 1, 1]), np.array([0, 1, 0]), np.array([True, True, False]))
    >>> found.n, found.accuracy.value, round(found.accuracy_all.value, 2)
    (2, 1.0, 0.67)
    """
    right = predicted == labels
    n = int(checked.sum())
    return Gold(n, accuracy_interval(int(right[checked].sum()), n), accuracy_interval(int(right.sum()), len(right)))
