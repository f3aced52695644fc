"""Combinations of slices with more errors than each of their parts: a pruned search of the lattice, then a second half.

The search is SliceLine's: S. Sagadeeva, M. Boehm, "SliceLine: Fast, Linear-Algebra-based Slice Finding for ML Model
Debugging", SIGMOD 2021. A slice of n of N pictures with e of E errors scores a (e/n / (E/N) - 1) - (1 - a) (N/n - 1); a
part of it has at most its errors and its size, which bounds the scores of all its parts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from curate.evaluation.intervals import Interval, relative_risk
from curate.evaluation.slices import CONFIRMED_BELOW, FEWEST, FOUND_BELOW, Feature, adjust, halves, more_often

WEIGHT = 0.95  # a: of the errors, against the size
MOST_PARTS = 3
MOST_TRIED = 30  # combinations with the highest scores that are tried in the second half

Parts = tuple[tuple[str, str], ...]  # (feature, value) of each part


@dataclass(frozen=True)
class Combination:
    """A combination that held: n_wrong of its n pictures in the second half are errors, n_rest_wrong of n_rest others.

    risk: how many times as often.  p_value: that it is no worse than the rest, or than one of its parts without it;
    adjusted for all that were tried.
    """

    parts: Parts
    n: int
    n_wrong: int
    n_rest: int
    n_rest_wrong: int
    risk: Interval
    p_value: float


@dataclass(frozen=True)
class Combinations:
    """The combinations that held, largest risk first; n_looked were looked at, n_tried of them in the second half."""

    held: list[Combination]
    n_looked: int
    n_tried: int


@dataclass(frozen=True)
class _Slice:
    """Places of features with their codes, ascending; (n,) rows of its pictures."""

    parts: tuple[tuple[int, int], ...]
    rows: np.ndarray
    n_wrong: int


def find_combinations(
    is_wrong: np.ndarray, features: Mapping[str, Feature], groups: np.ndarray, seed: int = 0
) -> Combinations:
    """Returns the combinations of two or three slices that are worse than the rest and than each part without them.

    is_wrong: (K,) bool, groups: (K,) of near-duplicates, which stay in one half. They are found on the first half and
    confirmed on the second, with Holm's correction. Unknown values are in no slice.
    """
    first = halves(groups, seed)
    names, known = list(features), list(features.values())
    codes = [feature.codes for feature in known]
    n_looked, candidates = search([each[first] for each in codes], is_wrong[first])
    tried = []
    for places in candidates:
        if _p_value(places, codes, is_wrong, first) <= FOUND_BELOW:
            row = _counts(_is_in(places, codes), is_wrong, ~first)
            if min(row[0], row[2]) >= FEWEST:
                tried.append((places, row, _p_value(places, codes, is_wrong, ~first)))
    held = []
    for (places, row, _), p in zip(tried, adjust(np.array([p for *_, p in tried])), strict=True):
        risk = relative_risk(row[1], row[0], row[3], row[2])
        if p <= CONFIRMED_BELOW and risk is not None:
            parts = tuple((names[place], known[place].values[code]) for place, code in places)
            held.append(Combination(parts, *row, risk, float(p)))
    return Combinations(sorted(held, key=lambda each: (-each.risk.low, each.parts)), n_looked, len(tried))


def search(
    codes: Sequence[np.ndarray], is_wrong: np.ndarray, most: int = MOST_TRIED
) -> tuple[int, list[tuple[tuple[int, int], ...]]]:
    """Returns how many combinations were looked at, and those with the highest scores above 0, the best first.

    codes: (K,) of each feature, -1 = unknown.  A combination is ((place of a feature, code), …), two or three of them.
    """
    n, n_wrong = len(is_wrong), int(is_wrong.sum())
    if not n_wrong:
        return 0, []
    rank = _Rank(n, n_wrong, most)
    whole = _Slice((), np.arange(n), n_wrong)
    level, n_looked = [whole], 0
    for depth in range(1, MOST_PARTS + 1):
        below = []
        for parent in level:
            if depth > 1 and rank.bound(len(parent.rows), parent.n_wrong) <= rank.least:
                continue
            for child in _children(parent, codes, is_wrong):
                if depth > 1:
                    n_looked += 1
                    rank.add(child)
                if depth < MOST_PARTS and rank.bound(len(child.rows), child.n_wrong) > rank.least:
                    below.append(child)
        level = below
    return n_looked, [parts for _, parts in rank.best]


class _Rank:
    """The combinations with the highest scores so far."""

    def __init__(self, n: int, n_wrong: int, most: int) -> None:
        self._n, self._share, self._most = n, n_wrong / n, most
        self.best: list[tuple[float, tuple[tuple[int, int], ...]]] = []

    @property
    def least(self) -> float:
        """The score that a combination must exceed."""
        return self.best[-1][0] if len(self.best) == self._most else 0.0

    def score(self, n: int, n_wrong: float) -> float:
        """Returns the score of a slice."""
        return WEIGHT * (n_wrong / n / self._share - 1) - (1 - WEIGHT) * (self._n / n - 1)

    def bound(self, n: int, n_wrong: int) -> float:
        """Returns the highest score that a part of a slice can have: monotone in its size beyond its errors."""
        smallest = max(FEWEST, n_wrong)
        return max(self.score(size, min(n_wrong, size)) for size in (smallest, max(n, smallest)))

    def add(self, child: _Slice) -> None:
        """Keep a combination if it is among the best."""
        score = self.score(len(child.rows), child.n_wrong)
        if score > self.least:
            self.best = sorted([*self.best, (score, child.parts)], key=lambda one: (-one[0], one[1]))[: self._most]


def _children(parent: _Slice, codes: Sequence[np.ndarray], is_wrong: np.ndarray) -> Iterator[_Slice]:
    """Yields the parts of a slice by one more feature, behind its own, that are large enough."""
    for place in range(parent.parts[-1][0] + 1 if parent.parts else 0, len(codes)):
        own = codes[place][parent.rows]
        sizes = np.bincount(own[own >= 0])
        for code in np.flatnonzero(sizes >= FEWEST).tolist():
            if sizes[code] < len(parent.rows):
                rows = parent.rows[own == code]
                yield _Slice((*parent.parts, (place, code)), rows, int(is_wrong[rows].sum()))


def _is_in(places: Sequence[tuple[int, int]], codes: Sequence[np.ndarray]) -> np.ndarray:
    return np.asarray(np.all([codes[place] == code for place, code in places], axis=0))


def _counts(is_in: np.ndarray, is_wrong: np.ndarray, half: np.ndarray) -> tuple[int, int, int, int]:
    n, n_wrong = int((is_in & half).sum()), int((is_in & half & is_wrong).sum())
    return n, n_wrong, int(half.sum()) - n, int((half & is_wrong).sum()) - n_wrong


def _p_value(
    places: tuple[tuple[int, int], ...], codes: Sequence[np.ndarray], is_wrong: np.ndarray, half: np.ndarray
) -> float:
    """Returns the largest p-value against the rest and against each combination of one part fewer, without it."""
    is_in = _is_in(places, codes)
    larger = [_is_in([one for one in places if one != left_out], codes) for left_out in places]
    return max(more_often(*_counts(is_in, is_wrong, half & within)) for within in (np.ones_like(is_in), *larger))
