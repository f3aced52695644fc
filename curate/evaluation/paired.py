"""The difference of two accuracies from each picture's own change, with near-duplicates taken together."""

import math
from dataclasses import dataclass

import numpy as np

from curate.evaluation.intervals import Z_95, Interval


@dataclass(frozen=True)
class PairedMean:
    """The mean change of n images. centre: that mean, drawn towards 0; variance: of `centre`; n_groups: of images."""

    value: float
    centre: float
    variance: float
    n_groups: int


def paired_mean(change: np.ndarray, groups: np.ndarray | None = None, pseudo_flips: float = 2.0) -> PairedMean:
    """Returns the mean of `change` with its variance over the draw of images.

    change: (n,) in [-1, 1], how much more often the second model is right about an image. groups: (n,) int, equal for
    near-duplicates, which count as one draw: their changes are summed before they are squared; None = all alone.
    pseudo_flips: weight of one added fixed and one added broken image. With 2, no groups and changes of -1, 0 and 1
    this is the adjustment of Bonett and Price (2012). Raises ValueError without any image.

    >>> mean = paired_mean(np.array([1.0] * 10 + [-1.0] * 2 + [0.0] * 26))
    >>> round(mean.centre, 3), round(mean.variance, 5)  # (11 - 3) / 40, (14 / 40 - 0.2**2) / 40
    (0.2, 0.00775)
    """
    n = len(change)
    if not n:
        raise ValueError("there are no images")
    weight = n + pseudo_flips
    centre = float(change.sum()) / weight
    _, group, size = np.unique(np.arange(n) if groups is None else groups, return_inverse=True, return_counts=True)
    sums = np.bincount(group, weights=change, minlength=len(size)) - size * centre
    squares = float((sums**2).sum()) + pseudo_flips / 2 * ((1 - centre) ** 2 + (1 + centre) ** 2)
    return PairedMean(float(change.mean()), centre, squares / weight**2, len(size))


def paired_interval(change: np.ndarray, groups: np.ndarray | None = None) -> Interval:
    """Returns the mean change with its 95 % interval: Bonett and Price's, with groups of near-duplicates as one draw.

    change, groups: see `paired_mean`; changes of -1, 0 and 1. Without any images: (NaN, -1, 1).

    >>> paired_interval(np.array([1, 1, 0, 0])).low < paired_interval(np.array([1, 1, 0, 0]), np.arange(4)).high
    True
    """
    if not len(change):
        return Interval(float("nan"), -1.0, 1.0)
    mean = paired_mean(change, groups)
    half = Z_95 * math.sqrt(mean.variance)
    return Interval(mean.value, max(-1.0, mean.centre - half), min(1.0, mean.centre + half))
