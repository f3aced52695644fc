"""Histograms of loss and confidence with right and wrong predictions apart."""

from dataclasses import dataclass

import numpy as np

N_BINS = 20
LONGEST_LOSS = 8.0  # larger losses share the last bin, which is open
LAST = 10_000.0  # the open end


@dataclass(frozen=True)
class ScoreHistogram:
    """Pictures by a score: (B + 1,) ascending `edges`, and (B,) numbers of `right` and `wrong` predictions.

    A bin holds its lower edge, not its upper one; the last edge is above every score.
    """

    edges: np.ndarray
    right: np.ndarray
    wrong: np.ndarray


def loss_histogram(losses: np.ndarray, is_wrong: np.ndarray) -> ScoreHistogram:
    """Returns the histogram of (K,) losses; the last bin holds all from 8 on.

    >>> histogram = loss_histogram(np.array([0.0, 0.1, 9.0]), np.array([False, False, True]))
    >>> histogram.right[:2].tolist(), histogram.wrong[-1].item()
    ([2, 0], 1)
    """
    return _histogram(losses, is_wrong, np.append(np.linspace(0, LONGEST_LOSS, N_BINS + 1), LAST))


def confidence_histogram(confidence: np.ndarray, is_wrong: np.ndarray) -> ScoreHistogram:
    """Returns the histogram of (K,) probabilities of the predicted label, in [0, 1]."""
    return _histogram(confidence, is_wrong, np.append(np.linspace(0, 1, N_BINS + 1)[:-1], 1.01))


def _histogram(values: np.ndarray, is_wrong: np.ndarray, edges: np.ndarray) -> ScoreHistogram:
    bins = np.searchsorted(edges, values, side="right") - 1
    n = len(edges) - 1
    bins = np.clip(bins, 0, n - 1)
    every = np.bincount(bins, minlength=n)
    wrong = np.bincount(bins[is_wrong], minlength=n)
    return ScoreHistogram(edges, every - wrong, wrong)
