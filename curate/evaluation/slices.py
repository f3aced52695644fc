"""Slices: properties of pictures with which a run is wrong more often than without.

A slice is found on half of the groups of near-duplicates and must hold on the other half, after a correction for all
that were tried there: of many properties some look bad by chance. All numbers shown are those of the second half.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from curate.evaluation.intervals import Interval, relative_risk

FEWEST = 10  # pictures of a slice, and outside it, in each half
FOUND_BELOW = 0.1  # p-value in the first half from which a slice is tried in the second
CONFIRMED_BELOW = 0.05  # adjusted p-value in the second half
TOGETHER_FROM = 0.7  # phi coefficient from which a slice and a label go together


@dataclass(frozen=True)
class Feature:
    """A property of K pictures: (K,) `codes`, places in `values`, -1 where it is not known."""

    codes: np.ndarray
    values: tuple[str, ...]


@dataclass(frozen=True)
class Slice:
    """A slice that held: n_wrong of its n pictures in the second half are errors, n_rest_wrong of the n_rest others.

    risk: how many times as often.  p_value: adjusted for the slices tried in the second half, small = no chance.
    """

    feature: str
    value: str
    n: int
    n_wrong: int
    n_rest: int
    n_rest_wrong: int
    risk: Interval
    p_value: float


@dataclass(frozen=True)
class Slices:
    """The slices that held, largest risk first; n_looked were looked at, n_tried of them tried in the other half."""

    held: list[Slice]
    n_looked: int
    n_tried: int


@dataclass(frozen=True)
class Together:
    """A slice and a label that go together: share of the slice with the label, and of the label in the slice.

    phi: their correlation, 1 = the very same pictures.
    """

    feature: str
    value: str
    label: str
    of_slice: float
    of_label: float
    phi: float


def halves(groups: np.ndarray, seed: int = 0) -> np.ndarray:
    """Returns (K,) bool: the first half; pictures of a group are in the same one. groups: (K,) int."""
    _, group = np.unique(groups, return_inverse=True)
    n_groups = int(group.max(initial=-1)) + 1
    is_first = np.zeros(n_groups, bool)
    is_first[np.random.default_rng(seed).permutation(n_groups)[: (n_groups + 1) // 2]] = True
    return is_first[group]


def find_slices(is_wrong: np.ndarray, features: Mapping[str, Feature], groups: np.ndarray, seed: int = 0) -> Slices:
    """Returns the slices in which errors are more frequent; is_wrong: (K,) bool, groups: (K,) of near-duplicates."""
    first = halves(groups, seed)
    n_looked, tried = 0, []
    for name, feature in features.items():
        counts = [_counts(feature, is_wrong, half) for half in (first, ~first)]
        for code, value in enumerate(feature.values):
            here, there = (_row(n, n_wrong, code) for n, n_wrong in counts)
            if min(here[0], here[2], there[0], there[2]) < FEWEST:
                continue
            n_looked += 1
            if more_often(*here) <= FOUND_BELOW:
                tried.append((name, value, there))
    adjusted = adjust(np.array([more_often(*row) for _, _, row in tried]))
    held = [
        Slice(name, value, *row, risk, float(p))
        for (name, value, row), p in zip(tried, adjusted, strict=True)
        if p <= CONFIRMED_BELOW and (risk := relative_risk(row[1], row[0], row[3], row[2])) is not None
    ]
    return Slices(sorted(held, key=lambda each: (-each.risk.low, each.feature, each.value)), n_looked, len(tried))


def find_together(features: Mapping[str, Feature], labels: np.ndarray, names: tuple[str, ...]) -> list[Together]:
    """Returns slices and labels that go together so closely that a model may have learnt the slice.

    labels: (K,) positions in `names`, best of the training pictures.
    """
    rows = []
    for name, feature in features.items():
        known = feature.codes >= 0
        table = np.zeros((len(feature.values), len(names)))
        np.add.at(table, (feature.codes[known], labels[known]), 1)
        n, of_slice, of_label = table.sum(), table.sum(axis=1), table.sum(axis=0)
        for code, label in zip(*np.nonzero(table >= FEWEST), strict=True):
            both, a, b = table[code, label], of_slice[code], of_label[label]
            spread = np.sqrt(a * b * (n - a) * (n - b))
            phi = (n * both - a * b) / spread if spread else 0.0
            if phi >= TOGETHER_FROM:
                rows.append(
                    Together(name, feature.values[code], names[label], float(both / a), float(both / b), float(phi))
                )
    return sorted(rows, key=lambda each: -each.phi)


def more_often(n: int, n_wrong: int, n_rest: int, n_rest_wrong: int) -> float:
    """Returns the one-sided p-value that errors are not more frequent among the n than among the n_rest others.

    Source: Fisher's exact test; `scipy.stats.fisher_exact(alternative="greater")`, whose import takes 1.3 s.

    >>> round(more_often(4, 3, 4, 1), 4)  # (16 + 1) / 70
    0.2429
    """
    total, wrong = n + n_rest, n_wrong + n_rest_wrong
    hits = np.arange(n_wrong, min(n, wrong) + 1)
    if not len(hits):
        return 1.0
    logs = _choose(n, hits) + _choose(n_rest, wrong - hits) - _choose(total, np.array(wrong))
    return float(min(1.0, np.exp(logs[np.isfinite(logs)]).sum()))


def _choose(n: int, k: np.ndarray) -> np.ndarray:
    """Logarithm of the binomial coefficient, -inf outside 0 to n."""
    inside = (k >= 0) & (k <= n)
    k = np.clip(k, 0, n)
    return np.where(inside, gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), -np.inf)


def _counts(feature: Feature, is_wrong: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of pictures and of errors of each value in a half."""
    known = half & (feature.codes >= 0)
    codes, size = feature.codes[known], len(feature.values)
    return np.bincount(codes, minlength=size), np.bincount(codes[is_wrong[known]], minlength=size)


def _row(n: np.ndarray, n_wrong: np.ndarray, code: int) -> tuple[int, int, int, int]:
    inside = int(n[code]), int(n_wrong[code])
    return *inside, int(n.sum()) - inside[0], int(n_wrong.sum()) - inside[1]


def adjust(p_values: np.ndarray) -> np.ndarray:
    """Returns p-values adjusted by Holm (1979): the chance of any false one stays below the level."""
    n, order = len(p_values), np.argsort(p_values, kind="stable")
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p_values[order] * (n - np.arange(n))))
    return adjusted
