"""How sure a measured accuracy, or a change of it, is."""

from dataclasses import dataclass

import numpy as np

# Not scipy.stats: importing it takes 1.3 s and 50 MB of the web process, scipy.special 0.3 s and 11 MB.
from scipy.special import bdtr

_Z_95 = 1.959963984540054  # standard normal quantile of 0.975


@dataclass(frozen=True)
class Interval:
    """A measured value with the ends of its 95 % interval; value is NaN when nothing was measured."""

    value: float
    low: float
    high: float


def accuracy_interval(n_right: int, n: int) -> Interval:
    """Share of right predictions with its 95 % Wilson score interval; (NaN, 0, 1) without any images.

    Unlike value ± 1.96 standard errors it stays in [0, 1] and is honest at 0 %, 100 % and few images.
    Source: E. B. Wilson, 1927; `statsmodels.stats.proportion.proportion_confint(method="wilson")`.

    >>> accuracy_interval(8, 10)
    Interval(value=0.8, low=0.4901624715..., high=0.9433178485...)
    """
    if n == 0:
        return Interval(float("nan"), 0.0, 1.0)
    share = n_right / n
    weight = _Z_95**2 / n
    centre = (share + weight / 2) / (1 + weight)
    half = _Z_95 * float(np.sqrt(share * (1 - share) / n + weight / (4 * n))) / (1 + weight)
    low = 0.0 if n_right == 0 else centre - half
    high = 1.0 if n_right == n else centre + half
    return Interval(share, low, high)


def difference_interval(n_fixed: int, n_broken: int, n: int, seed: int = 0, resamples: int = 10_000) -> Interval:
    """Change of accuracy between two runs on the same n images, with its 95 % paired-bootstrap interval.

    n_fixed: images wrong before and right after; n_broken: the other way round. Resampling images is drawing the
    counts of those cells from a multinomial, so a million images cost as much as ten. Values in [-1, 1], > 0 = better.
    Without any fixed or broken image the interval is empty (0 to 0), which says nothing about new images.
    """
    if n == 0:
        return Interval(float("nan"), -1.0, 1.0)
    cells = np.array([n_fixed, n_broken, n - n_fixed - n_broken]) / n
    drawn = np.random.default_rng(seed).multinomial(n, cells, size=resamples)
    low, high = np.percentile((drawn[:, 0] - drawn[:, 1]) / n, [2.5, 97.5])
    return Interval((n_fixed - n_broken) / n, float(low), float(high))


def mcnemar(n_fixed: int, n_broken: int) -> float:
    """Exact two-sided p-value that fixed and broken images are equally likely; 1 when there are neither.

    Small = the two runs really differ. Source: the exact (binomial) McNemar test,
    `scipy.stats.binomtest(n_fixed, n_fixed + n_broken).pvalue`.

    >>> mcnemar(0, 0), mcnemar(5, 0)
    (1.0, 0.0625)
    """
    n = n_fixed + n_broken
    if n == 0:
        return 1.0
    return min(1.0, 2.0 * float(bdtr(min(n_fixed, n_broken), n, 0.5)))
