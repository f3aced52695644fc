"""Assigns rows to folds, near-duplicates together."""

import numpy as np


def assign(n: int, n_folds: int, seed: int, groups: np.ndarray | None = None) -> np.ndarray:
    """Returns the fold of each of n rows, (n,) int64 in [0, n_folds); rows of one group have the same fold.

    groups: (n,) ints, equal = near-duplicates, negative = no group. Without groups the folds differ by at most one row.
    A group's fold depends on its number alone: warm-started heads have never seen the rows that they predict, even
    after other rows came or went.
    """
    fold_of = np.random.default_rng(seed).permutation(n) % n_folds
    if groups is None or not np.any(groups >= 0):
        return fold_of
    in_groups = np.flatnonzero(groups >= 0)
    fold_of[in_groups] = (_scattered(groups[in_groups], seed) % np.uint64(n_folds)).astype(np.int64)
    return fold_of


def _scattered(numbers: np.ndarray, seed: int) -> np.ndarray:
    """Hashes numbers to (n,) uint64 with the finaliser of splitmix64 (Steele and others, 2014)."""
    mixed = numbers.astype(np.uint64) + np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
