"""Which labels are mistaken for which, how often, and which are so mixed that they should perhaps be one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Of the pictures of two labels, at least this share is filed under the wrong one of the two, and each way at least
# half as often: otherwise it is a mistake in one direction, which relabelling mends.
MIXED_SHARE, EACH_WAY = 0.15, 0.06


@dataclass(frozen=True)
class Direction:
    """About n images, a share of those given the label `given`, are truly `true` (positions of labels)."""

    given: int
    true: int
    n: float
    share: float


@dataclass(frozen=True)
class Mixture:
    """Two labels that may be one: share of their images filed under the wrong of the two, and why in words."""

    first: int
    second: int
    share: float
    words: str


def joint(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Estimated share of images by given label (row) and true label (column): (C, C) float64, sums to 1.

    probabilities: (N, C) held-out. Labels without images keep a row of zeros and take part in nothing.
    Source: Northcutt, Jiang and Chuang (2021), "Confident Learning"; `cleanlab.count.estimate_joint`.
    """
    from cleanlab.count import estimate_joint

    n_labels = probabilities.shape[1]
    present, positions = np.unique(labels, return_inverse=True)
    found = np.zeros((n_labels, n_labels))
    if len(present) < 2:
        found[present, present] = 1.0
        return found
    among = np.clip(probabilities[:, present].astype(np.float64), 1e-12, 1.0)
    among /= among.sum(axis=1, keepdims=True)
    found[np.ix_(present, present)] = estimate_joint(positions, among)
    return found


def share_wrong(estimated: np.ndarray) -> float:
    """The share of labels estimated wrong, in [0, 1].

    >>> share_wrong(np.array([[0.5, 0.1], [0.0, 0.4]])).__round__(3)
    0.1
    """
    return float(np.clip(1.0 - np.trace(estimated), 0.0, 1.0))


def directions(estimated: np.ndarray, n: int, most: int = 20) -> list[Direction]:
    """The commonest mistakes, largest first; n: how many images there are.

    >>> directions(np.array([[0.5, 0.1], [0.0, 0.4]]), 100)
    [Direction(given=0, true=1, n=10.0, share=0.1667)]
    """
    off = estimated - np.diag(np.diag(estimated))
    rows = estimated.sum(axis=1)
    order = np.argsort(-off, axis=None, kind="stable")[:most]
    pairs = [divmod(int(cell), len(off)) for cell in order if off.flat[cell] > 0]
    return [
        Direction(given, true, round(float(off[given, true] * n), 1), round(float(off[given, true] / rows[given]), 4))
        for given, true in pairs
    ]


def mixtures(estimated: np.ndarray, names: Sequence[str]) -> list[Mixture]:
    """Pairs of labels that are mistaken for each other so often, both ways, that one label might serve better.

    >>> mixtures(np.array([[0.3, 0.1], [0.1, 0.5]]), ["cup", "mug"])[0].words
    '20 of 100 pictures of *cup* and *mug* are probably filed under the wrong one of the two: 25 % of those filed as \
*cup* are *mug*, 17 % the other way round. Perhaps they should be one label.'
    """
    found = []
    for first in range(len(estimated)):
        for second in range(first + 1, len(estimated)):
            mixed = _mixture(estimated, first, second, names)
            if mixed is not None:
                found.append(mixed)
    return sorted(found, key=lambda one: -one.share)


def _mixture(estimated: np.ndarray, first: int, second: int, names: Sequence[str]) -> Mixture | None:
    block = estimated[np.ix_([first, second], [first, second])]
    total, rows = block.sum(), block.sum(axis=1)
    if total <= 0 or rows.min() <= 0:
        return None
    share = float((block[0, 1] + block[1, 0]) / total)
    there, back = float(block[0, 1] / rows[0]), float(block[1, 0] / rows[1])
    if share < MIXED_SHARE or min(there, back) < EACH_WAY:
        return None
    words = (
        f"{share * 100:.0f} of 100 pictures of *{names[first]}* and *{names[second]}* are probably filed under the "
        f"wrong one of the two: {there * 100:.0f} % of those filed as *{names[first]}* are *{names[second]}*, "
        f"{back * 100:.0f} % the other way round. Perhaps they should be one label."
    )
    return Mixture(first, second, share, words)
