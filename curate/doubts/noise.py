"""Estimates label noise: which labels are confused, how often, and which should perhaps be merged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Mixture: at least MIXED_SHARE of the pictures of two labels have the wrong one of them, and at least EACH_WAY in each
# direction. Otherwise the mistake goes in one direction, and relabelling corrects it.
MIXED_SHARE, EACH_WAY = 0.15, 0.06


@dataclass(frozen=True)
class Direction:
    """About n images with the label `given` are truly `true` (positions of labels); share: of all with `given`."""

    given: int
    true: int
    n: float
    share: float


@dataclass(frozen=True)
class Mixture:
    """Two labels that may be one.  share: of their images with the wrong one of the two.  words: the explanation."""

    first: int
    second: int
    share: float
    words: str


def joint(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Estimates the share of images by given label (row) and true label (column): (C, C) float64, sums to 1.

    probabilities: (N, C) held-out. Labels without images have a row of zeros.
    Source: Northcutt, Jiang and Chuang (2021), "Confident Learning"; `cleanlab.count.estimate_joint`.
    """
    from cleanlab.count import estimate_joint

    n_labels = probabilities.shape[1]
    present, positions = np.unique(labels, return_inverse=True)
    shares = np.zeros((n_labels, n_labels))
    if len(present) < 2:
        shares[present, present] = 1.0
        return shares
    among = np.clip(probabilities[:, present].astype(np.float64), 1e-12, 1.0)
    among /= among.sum(axis=1, keepdims=True)
    shares[np.ix_(present, present)] = estimate_joint(positions, among)
    return shares


def share_wrong(estimated: np.ndarray) -> float:
    """Returns the estimated share of wrong labels, in [0, 1].

    >>> share_wrong(np.array([[0.5, 0.1], [0.0, 0.4]])).__round__(3)
    0.1
    """
    return float(np.clip(1.0 - np.trace(estimated), 0.0, 1.0))


def directions(estimated: np.ndarray, n: int, most: int = 20) -> list[Direction]:
    """Returns the commonest mistakes, largest first; n: number of images.

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
    """Returns pairs of labels that are confused so often, both ways, that one label might be better.

    >>> mixtures(np.array([[0.3, 0.1], [0.1, 0.5]]), ["cup", "mug"])[0].words
    '20 of 100 pictures of *cup* and *mug* look like the other one of the two: 25 % of those filed as \
*cup* like *mug*, 17 % the other way round. Perhaps they should be one label.'
    """
    pairs = []
    for first in range(len(estimated)):
        for second in range(first + 1, len(estimated)):
            mixed = _mixture(estimated, first, second, names)
            if mixed is not None:
                pairs.append(mixed)
    return sorted(pairs, key=lambda one: -one.share)


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
        f"{share * 100:.0f} of 100 pictures of *{names[first]}* and *{names[second]}* look like "
        f"the other one of the two: {there * 100:.0f} % of those filed as *{names[first]}* like *{names[second]}*, "
        f"{back * 100:.0f} % the other way round. Perhaps they should be one label."
    )
    return Mixture(first, second, share, words)
