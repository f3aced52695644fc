"""Which labels have too few images to learn from or to be measured by."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

FEWEST_TO_TRAIN = 2  # of each label; a training refuses less
FEWEST_TO_MEASURE = 1
MUCH_LESS = 0.25  # of what the labels have usually


@dataclass(frozen=True)
class Shortage:
    """A label with too few images. kind: `train` = no model can be trained, `valid` = nobody will know how well it is
    recognised, `few` = far fewer than the others; place: in the list of labels."""

    place: int
    kind: str


def shortages(counts: Sequence[tuple[int, int]]) -> list[Shortage]:
    """The labels that are short, those that stop a training first, then the smallest first.

    counts: (training, validation) images of each label. A label without any image, as one that was emptied by
    relabelling, is none to the trainings either and is not short.

    >>> [(short.place, short.kind) for short in shortages([(80, 20), (1, 3), (90, 0), (100, 20), (8, 2)])]
    [(1, 'train'), (2, 'valid'), (4, 'few')]
    """
    usual = median(sum(each) for each in counts if any(each)) if any(map(any, counts)) else 0
    found = []
    for place, (n_train, n_valid) in enumerate(counts):
        if not n_train and not n_valid:
            continue
        if n_train < FEWEST_TO_TRAIN:
            found.append(Shortage(place, "train"))
        elif n_valid < FEWEST_TO_MEASURE:
            found.append(Shortage(place, "valid"))
        elif n_train + n_valid <= MUCH_LESS * usual:
            found.append(Shortage(place, "few"))
    return sorted(found, key=lambda short: (("train", "valid", "few").index(short.kind), sum(counts[short.place])))
