"""Which images a model does not see: rows cut into folds, near-duplicates together."""

import numpy as np


def assign(n: int, n_folds: int, seed: int, groups: np.ndarray | None = None) -> np.ndarray:
    """The fold of each of n rows, (n,) int64 in [0, n_folds); rows of one group, 0 or more, share theirs.

    groups: (n,) ints, equal = near-duplicates; a negative one is no group. Without groups the folds differ by at most
    one row.
    """
    drawn = np.random.default_rng(seed).permutation(n) % n_folds
    if groups is None or not np.any(groups >= 0):
        return drawn
    kin = np.flatnonzero(groups >= 0)
    _, first, group = np.unique(groups[kin], return_index=True, return_inverse=True)
    drawn[kin] = drawn[kin][first][group]
    return drawn
