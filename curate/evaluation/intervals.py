"""Intervals of a measured accuracy and of its change."""

import math
from dataclasses import dataclass

# Not scipy.stats: importing it takes 1.3 s and 50 MB of the web process, scipy.special 0.3 s and 11 MB.
from scipy.special import bdtr, betainc, betaincinv

Z_95 = 1.959963984540054  # standard normal quantile of 0.975


@dataclass(frozen=True)
class Interval:
    """A measured value with the ends of its 95 % interval; value is NaN when nothing was measured."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether all values in the interval have the same sign."""
        return self.low > 0 or self.high < 0


def accuracy_interval(n_right: int, n: int) -> Interval:
    """Returns the share of right predictions with its 95 % Wilson score interval; (NaN, 0, 1) without any images.

    Unlike value ± 1.96 standard errors it stays in [0, 1] and keeps its coverage at 0 %, 100 % and few images.
    Source: E. B. Wilson, 1927; `statsmodels.stats.proportion.proportion_confint(method="wilson")`.

    >>> accuracy_interval(8, 10)
    Interval(value=0.8, low=0.4901624715..., high=0.9433178485...)
    """
    if n == 0:
        return Interval(float("nan"), 0.0, 1.0)
    share = n_right / n
    weight = Z_95**2 / n
    centre = (share + weight / 2) / (1 + weight)
    half = Z_95 * math.sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    low = 0.0 if n_right == 0 else centre - half
    high = 1.0 if n_right == n else centre + half
    return Interval(share, low, high)


def exact_interval(n_hits: int, n: int) -> Interval:
    """Returns a share with its exact 95 % interval, which covers at least that often; (NaN, 0, 1) of nothing.

    For rare things: where 0.5 % of a set are hits, Wilson's interval from 100 draws holds the truth in 92 %.
    Source: C. J. Clopper, E. S. Pearson, 1934; `scipy.stats.binomtest(...).proportion_ci(method="exact")`.

    >>> exact_interval(1, 40)
    Interval(value=0.025, low=0.00063274..., high=0.13158...)
    """
    if n == 0:
        return Interval(float("nan"), 0.0, 1.0)
    low = 0.0 if n_hits == 0 else float(betaincinv(n_hits, n - n_hits + 1, 0.025))
    high = 1.0 if n_hits == n else float(betaincinv(n_hits + 1, n - n_hits, 0.975))
    return Interval(n_hits / n, low, high)


def difference_interval(n_fixed: int, n_broken: int, n: int) -> Interval:
    """Returns the change of accuracy between two runs on the same n images, with its 95 % Bonett-Price interval.

    n_fixed: images wrong before and right after; n_broken: the other way round. Values in [-1, 1], > 0 = better.
    Adding one image to both cells keeps the coverage near 95 % for few images, where a percentile bootstrap covers
    too little. Without any images: (NaN, -1, 1).
    Source: D. G. Bonett, R. M. Price, "Adjusted Wald confidence interval for a difference of binomial proportions
    based on paired data", Journal of Educational and Behavioral Statistics 37, 2012.

    >>> difference_interval(10, 2, 38)  # (11 - 3) / 40 = 0.2, plus and minus 1.96 * sqrt((14 / 40 - 0.2**2) / 40)
    Interval(value=0.2105263157..., low=0.0274563653..., high=0.3725436346...)
    """
    if n == 0:
        return Interval(float("nan"), -1.0, 1.0)
    share_fixed, share_broken = (n_fixed + 1) / (n + 2), (n_broken + 1) / (n + 2)
    centre = share_fixed - share_broken
    half = Z_95 * math.sqrt((share_fixed + share_broken - centre**2) / (n + 2))
    return Interval((n_fixed - n_broken) / n, max(-1.0, centre - half), min(1.0, centre + half))


def mcnemar(n_fixed: int, n_broken: int) -> float:
    """Returns the two-sided mid-p-value of McNemar's test; small = the two runs differ, 1 when no image flipped.

    The mid-p-value counts the observed split by half; the exact test rejects too seldom.
    Source: M. W. Fagerland, S. Lydersen, P. Laake, "The McNemar test for binary matched-pairs data: mid-p and
    asymptotic are better than exact conditional", BMC Medical Research Methodology 13, 2013.

    >>> mcnemar(0, 0), mcnemar(5, 0), mcnemar(3, 1)  # (5, 0): 2 * (1/2) * (1/32); (3, 1): 2 * (1/16 + (1/2) * 4/16)
    (1.0, 0.03125, 0.375)
    """
    n, fewer = n_fixed + n_broken, min(n_fixed, n_broken)
    if n == 0:
        return 1.0
    below = float(bdtr(fewer - 1, n, 0.5)) if fewer else 0.0
    return min(1.0, below + float(bdtr(fewer, n, 0.5)))


def probability_better(n_fixed: int, n_broken: int) -> float:
    """Returns the probability that the second run is the better one, given the images that only one gets right.

    In [0, 1]; 0.5 = nothing speaks for either. The share of images that the second run wins has a uniform prior, so
    that its posterior is Beta(n_fixed + 1, n_broken + 1).

    >>> probability_better(0, 0), probability_better(1, 0), probability_better(2, 2)
    (0.5, 0.75, 0.5)
    """
    return float(betainc(n_broken + 1, n_fixed + 1, 0.5))


def relative_risk(n_hit_with: int, n_with: int, n_hit_without: int, n_without: int) -> Interval | None:
    """Returns how many times as often something happens with a property as without it, with its 95 % interval.

    n_hit_with of the n_with that have the property, n_hit_without of the n_without that lack it. All values are above
    0; 1 = no difference. None when either group is empty. It is the log interval of Katz and others (1978), as in
    `scipy.stats.contingency.relative_risk`; where that is undefined, as nothing or everything happened, half a case is
    added to each count (Walter, 1975).

    >>> relative_risk(10, 50, 10, 100)  # 0.2 / 0.1, times or divided by exp(1.96 * sqrt(0.1 - 0.02 + 0.1 - 0.01))
    Interval(value=2.0, low=0.8913958..., high=4.4873441...)
    """
    if not n_with or not n_without:
        return None
    hits, sizes = (float(n_hit_with), float(n_hit_without)), (float(n_with), float(n_without))
    if min(hits) == 0 or hits == sizes:
        hits, sizes = (hits[0] + 0.5, hits[1] + 0.5), (sizes[0] + 0.5, sizes[1] + 0.5)
    ratio = (hits[0] / sizes[0]) / (hits[1] / sizes[1])
    half = Z_95 * math.sqrt(sum(1 / hit - 1 / size for hit, size in zip(hits, sizes, strict=True)))
    return Interval(ratio, ratio * math.exp(-half), ratio * math.exp(half))
