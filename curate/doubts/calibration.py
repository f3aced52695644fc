"""Calibrates doubts: shifts them so that their mean is the estimated share of wrong labels."""

import numpy as np

_MOST_SHIFT = 6.0
_STEPS = 40


def shift(doubts: np.ndarray, share: float) -> np.ndarray:
    """Returns (N,) doubts in [0, 1] with all logits shifted by one number, at most 6, so that their mean is `share`.

    The order stays. Held-out heads doubt too much: a model that is right on 80 % of clean images gives a mean doubt of
    0.34 where 9 % of the labels are wrong.

    >>> shift(np.array([0.5, 0.5]), 0.1).round(3)
    array([0.1, 0.1])
    """
    held = np.clip(doubts.astype(np.float64), 1e-9, 1 - 1e-9)
    logits = np.log(held / (1 - held))
    low, high = -_MOST_SHIFT, _MOST_SHIFT
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if _sigmoid(logits + middle).mean() > share else (middle, high)
    return _sigmoid(logits + (low + high) / 2)


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))
