"""Which of many labels changed beyond chance: a p-value each, adjusted for looking at all of them."""

import numpy as np

from curate.evaluation.intervals import mcnemar


def label_p_values(
    labels: np.ndarray, old_right: np.ndarray, new_right: np.ndarray, n_labels: int, fewest: int
) -> np.ndarray:
    """Returns (C,) mid-p-values of McNemar's test on each label's images; NaN for labels with fewer than `fewest`.

    labels: (N,) positions; old_right, new_right: (N,) bool.
    """
    n, fixed, broken = (
        np.bincount(labels[chosen], minlength=n_labels)
        for chosen in (np.ones(len(labels), bool), ~old_right & new_right, old_right & ~new_right)
    )
    return np.array(
        [
            mcnemar(int(a), int(b)) if images >= fewest else np.nan
            for images, a, b in zip(n, fixed, broken, strict=True)
        ],
        float,
    )


def adjusted(p_values: np.ndarray) -> np.ndarray:
    """Returns p-values adjusted by Benjamini and Hochberg (1995); NaN stays NaN and is not counted.

    Of the labels with an adjusted value up to 0.05, about 5 % at most changed by chance alone. Not
    `scipy.stats.false_discovery_control`: importing scipy.stats takes 1.3 s of the web process.

    >>> adjusted(np.array([0.01, 0.04, np.nan, 0.03]))  # 0.01 * 3; 0.03 * 3 / 2 and 0.04 * 3 / 3, made monotonic
    array([0.03, 0.04,  nan, 0.04])
    """
    result = np.full(len(p_values), np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    scaled = p_values[order] * len(order) / np.arange(1, len(order) + 1)
    result[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return result
