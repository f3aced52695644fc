"""Finds labels with too few images for training or for validation."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

FEWEST_TO_TRAIN = 2  # of each label; a training refuses less
FEWEST_TO_MEASURE = 1
MUCH_LESS = 0.25  # of what the labels have usually


@dataclass(frozen=True)
class Shortage:
    """A label with too few images.  place: in the list of labels.

    kind: `train` = no model can be trained, `valid` = its accuracy cannot be measured, `few` = far fewer than the
    others.
    """

    place: int
    kind: str


def shortages(counts: Sequence[tuple[int, int]]) -> list[Shortage]:
    """Returns the short labels, those that prevent a training first, then the smallest first.

    counts: (training, validation) images of each label. A label without any image, such as one emptied by relabelling,
    is not short: trainings leave it out.

    >>> [(short.place, short.kind) for short in shortages([(80, 20), (1, 3), (90, 0), (100, 20), (8, 2)])]
    [(1, 'train'), (2, 'valid'), (4, 'few')]
    """
    usual = median(sum(each) for each in counts if any(each)) if any(map(any, counts)) else 0
    short = []
    for place, (n_train, n_valid) in enumerate(counts):
        if not n_train and not n_valid:
            continue
        if n_train < FEWEST_TO_TRAIN:
            short.append(Shortage(place, "train"))
        elif n_valid < FEWEST_TO_MEASURE:
            short.append(Shortage(place, "valid"))
        elif n_train + n_valid <= MUCH_LESS * usual:
            short.append(Shortage(place, "few"))
    return sorted(short, key=lambda short: (("train", "valid", "few").index(short.kind), sum(counts[short.place])))
