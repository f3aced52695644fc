"""Training noise: how far seeds alone move accuracy, and a difference of two versions whose interval includes that.

Each version is trained several times; only the seed differs. Right or wrong is a table of trainings and images, two
crossed random effects. The mean difference D of n images and k trainings a version has the variance

    Var(D) = max(0, V_images - R_before / k_before - R_after / k_after) + S_before / k_before + S_after / k_after,

V_images: of the images' own mean changes (`paired.paired_mean`); it holds what single images do by chance in single
trainings, too. S: variance of the accuracies of a version's trainings. R: the part of S that such single images
explain, their variance between trainings divided by n; it is in V_images as well, and counts once. The interval is D
plus and minus Student's t (degrees of freedom by Satterthwaite, 1946) times the root.

Cutting S - R off at 0 instead would be as unbiased only where seeds move all images at once: where they do not, S is
above R by chance in nearly half of the cases, and those intervals are too wide.
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import stdtr, stdtrit

from curate.evaluation.comparison import FEW_IMAGES, change_in_words
from curate.evaluation.intervals import Interval
from curate.evaluation.paired import paired_mean


@dataclass(frozen=True)
class Repeats:
    """The trainings of one version. accuracies: of each, in [0, 1]; flips: images that two of them predict otherwise,
    the mean over all pairs."""

    accuracies: tuple[float, ...]
    flips: float

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest accuracy."""
        return min(self.accuracies), max(self.accuracies)


@dataclass(frozen=True)
class TrainingNoise:
    """Two versions, each trained several times, on the same n images.

    difference: of the mean accuracies, with a 95 % interval over images and trainings. probability_better: that the
    second version is the better one, from the same t distribution.
    """

    n: int
    before: Repeats
    after: Repeats
    difference: Interval
    probability_better: float

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the change counts as real: enough images, and zero lies outside its interval."""
        return self.n >= FEW_IMAGES and self.difference.excludes_zero

    @property
    def verdict(self) -> str:
        """One sentence on whether the labels changed the accuracy; it follows from the interval that it shows."""
        if self.n < FEW_IMAGES:
            return f"{self.n} validation images are too few to tell the two versions apart."
        moved = change_in_words(self.difference)
        times = _trainings(len(self.before.accuracies), len(self.after.accuracies))
        end = ", more than" if self.is_beyond_chance else ": it cannot be told apart from"
        explains = " explain." if self.is_beyond_chance else "."
        return f"Over {times}, validation accuracy {moved}{end} chance and training noise{explains}"


def measure(
    before: np.ndarray, after: np.ndarray, labels: np.ndarray, groups: np.ndarray | None = None
) -> TrainingNoise:
    """Returns the difference of two versions from repeated trainings of each.

    before: (k, n) predicted labels of k >= 2 trainings, after: (m, n), m >= 2; labels: (n,). groups: see `paired_mean`.
    Raises ValueError for fewer trainings or no images.

    >>> before, labels = np.array([[0, 0, 1, 1], [0, 1, 1, 1]]), np.array([0, 0, 1, 1])
    >>> measure(before, before, labels).before  # right about 4 and 3 of 4; they differ in one image
    Repeats(accuracies=(1.0, 0.75), flips=1.0)
    """
    if min(len(before), len(after)) < 2:
        raise ValueError("each version needs two trainings or more")
    old, new = (before == labels).astype(float), (after == labels).astype(float)
    # The more trainings, the less a single flip of one of them counts: so do the added ones.
    pseudo_flips = 1 / len(old) + 1 / len(new)
    mean = paired_mean(new.mean(axis=0) - old.mean(axis=0), groups, pseudo_flips)
    among, by_images = np.transpose([_between_trainings(side, groups) for side in (old, new)])
    least = pseudo_flips / (len(labels) + pseudo_flips) ** 2  # of the added flips alone, also where all trainings agree
    of_images = max(least, mean.variance - float(by_images.sum()))
    variance = of_images + float(among.sum())
    squares = of_images**2 / max(1, mean.n_groups - 1)
    squares += float((among**2 / (np.array([len(old), len(new)]) - 1)).sum())
    freedom = variance**2 / squares
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(variance)
    interval = Interval(mean.value, max(-1.0, mean.centre - half), min(1.0, mean.centre + half))
    better = float(stdtr(freedom, mean.centre / math.sqrt(variance)))
    return TrainingNoise(len(labels), _repeats(before, old), _repeats(after, new), interval, better)


def _between_trainings(right: np.ndarray, groups: np.ndarray | None = None) -> tuple[float, float]:
    """Returns S / k and R / k of one version; right: (k, n) in {0, 1}.

    Without groups S is the mean square of trainings, R that of the rest, both divided by n, of the analysis of variance
    with two factors.
    """
    k, n = right.shape
    accuracies = right.mean(axis=1)
    residuals = right - right.mean(axis=0) - accuracies[:, None] + right.mean()
    _, group = np.unique(np.arange(n) if groups is None else groups, return_inverse=True)
    n_groups = int(group.max()) + 1
    squares = sum(float((np.bincount(group, weights=row) ** 2).sum()) for row in residuals)
    by_images = squares / (k - 1) / n**2 * n_groups / max(1, n_groups - 1)
    return float(accuracies.var(ddof=1)) / k, by_images / k


def _repeats(predicted: np.ndarray, right: np.ndarray) -> Repeats:
    flips = [int((one != other).sum()) for one, other in combinations(predicted, 2)]
    return Repeats(tuple(right.mean(axis=1).tolist()), sum(flips) / len(flips))


def _trainings(n_before: int, n_after: int) -> str:
    return f"{n_before} trainings of each" if n_before == n_after else f"{n_before} and {n_after} trainings"
