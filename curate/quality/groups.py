"""Groups of duplicates from pairs, and the best picture of a group. Numbers only."""

from collections.abc import Mapping, Sequence

import numpy as np

# Bits of a perceptual hash (of 256) that two pictures differ in at most, and what that means; see
# gather/near_duplicates.py. 0 is kept for pictures with the very same pixels.
LEVELS: Mapping[int, str] = {
    0: "the same pixels",
    12: "saved again or resized",
    22: "nearly the same",
    30: "slightly cropped",
    40: "cropped, or taken twice",
}
USUAL = 22
FARTHEST = max(LEVELS)


def linked(left: np.ndarray, right: np.ndarray) -> list[list[int]]:
    """Returns the groups of two and more numbers that the (P,) pairs `left`-`right` connect.

    Members ascend, and groups by their first member.

    >>> linked(np.array([7, 1, 2]), np.array([9, 2, 5]))
    [[1, 2, 5], [7, 9]]
    """
    names, rows = np.unique(np.concatenate([left, right]), return_inverse=True)
    a, b = rows[: len(left)], rows[len(left) :]
    first = np.arange(len(names))  # the smallest member that is known to be linked to each
    while (is_apart := first[a] != first[b]).any():
        a, b = a[is_apart], b[is_apart]
        np.minimum.at(first, np.maximum(first[a], first[b]), np.minimum(first[a], first[b]))
        while not np.array_equal(first, first[first]):
            first = first[first]
    order = np.argsort(first, kind="stable")
    parts = np.split(names[order], np.flatnonzero(np.diff(first[order])) + 1)
    return [part.tolist() for part in parts if len(part)]


def best_first(pictures: Sequence[tuple[int, float, int]]) -> list[int]:
    """Returns positions of a group's pictures, the best first: the largest, then the sharpest, then the largest file.

    pictures: (pixels, sharpness in [0, 1], bytes) of each. Of equals the first wins. Sizes within 2 % count as equal: a
    missing row of pixels does not outweigh a blur.

    >>> best_first([(100, 0.5, 9), (400, 0.1, 9), (399, 0.3, 9)])
    [2, 1, 0]
    """
    largest = max((pixels for pixels, _, _ in pictures), default=0)

    def rank(at: int) -> tuple[int, float, int, int]:
        pixels, sharpness, n_bytes = pictures[at]
        return (-largest if pixels >= 0.98 * largest else -pixels, -sharpness, -n_bytes, at)

    return sorted(range(len(pictures)), key=rank)
