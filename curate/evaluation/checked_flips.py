"""Two runs compared on checked labels of their flips: the images for which they predict different labels.

An image for which both predict the same adds nothing to the difference of their accuracies, whatever its label is. So
checked labels of the flips alone give the difference on correct labels of all images.
"""

from dataclasses import dataclass

import numpy as np

from curate.evaluation.intervals import Interval, difference_interval, probability_better

FITS_NONE, UNCHECKED = -1, -2  # instead of a label: the image belongs under none; nobody has checked it


@dataclass(frozen=True)
class CheckedFlips:
    """Counts of the flips among n images that both runs scored.

    n_fixed: checked flips that only the second run has right; n_broken: only the first; n_neither: none of the two.
    """

    n: int
    n_flips: int
    n_fixed: int
    n_broken: int
    n_neither: int

    @property
    def n_checked(self) -> int:
        """Flips with a checked label, or that were found to fit none."""
        return self.n_fixed + self.n_broken + self.n_neither

    @property
    def n_open(self) -> int:
        """Flips that nobody has checked."""
        return self.n_flips - self.n_checked

    @property
    def is_done(self) -> bool:
        """Whether all flips are checked."""
        return self.n_open == 0

    @property
    def difference(self) -> Interval:
        """The change of accuracy on checked labels with its Bonett-Price interval; of use only once all are checked."""
        return difference_interval(self.n_fixed, self.n_broken, self.n)

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest difference on these n images: every unchecked flip may be either run's.

        >>> CheckedFlips(n=20, n_flips=6, n_fixed=3, n_broken=0, n_neither=1).bounds  # (3 - 2) / 20, (3 + 2) / 20
        (0.05, 0.25)
        """
        so_far = self.n_fixed - self.n_broken
        return (so_far - self.n_open) / self.n, (so_far + self.n_open) / self.n

    @property
    def probability_better(self) -> float:
        """The probability that the second run is the better one, in [0, 1]; of use only once all are checked."""
        return probability_better(self.n_fixed, self.n_broken)


def count_checked_flips(before: np.ndarray, after: np.ndarray, checked: np.ndarray, n: int) -> CheckedFlips:
    """Counts which run is right about each flip.

    before, after: (M,) predicted labels of the flips, different in every row. checked: (M,) the label that a person
    gave without seeing either, `FITS_NONE` or `UNCHECKED`. n: images that both runs scored, the flips among them.

    >>> count_checked_flips(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 2]), np.array([1, 0, 2, UNCHECKED]), 10)
    CheckedFlips(n=10, n_flips=4, n_fixed=1, n_broken=1, n_neither=1)
    """
    is_checked = checked != UNCHECKED
    n_fixed = int((is_checked & (checked == after)).sum())
    n_broken = int((is_checked & (checked == before)).sum())
    return CheckedFlips(n, len(checked), n_fixed, n_broken, int(is_checked.sum()) - n_fixed - n_broken)
