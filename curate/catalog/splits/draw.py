"""The split: which images are held out for validation, drawn once, when they come in or first get a label."""

import hashlib
from dataclasses import dataclass

import numpy as np

UNKNOWN, TRAIN, VALID = -1, 0, 1
Content = list[tuple[int, int]]  # (label, images of it in a group)


@dataclass(frozen=True)
class Arrivals:
    """What the split is drawn over: a project's images and those about to come in, in any order.

    shas: N picture names, what chance is drawn from; labels: (N,) numbers >= 0, -1 where an image counts for no label
    (it lies in the bin); groups: (N,) numbers, equal among near-duplicates; settled: (N,) sides of images that are in
    the project and never move; given: (N,) sides that new images were handed in with. Sides are UNKNOWN, TRAIN, VALID.
    """

    shas: list[str]
    labels: np.ndarray
    groups: np.ndarray
    settled: np.ndarray
    given: np.ndarray


def draw_split(arrivals: Arrivals, valid_pct: float, seed: int) -> np.ndarray:
    """(N,) whether each image is held out for validation; the same for the same pictures in any order.

    Groups stay on one side. A group with settled images joins them, one with given sides goes where it was given; of
    two sides in one group, train wins: a validation image whose twin is trained on measures nothing. The rest is drawn
    so that every label comes as close as whole groups allow to `valid_pct` per cent of all its images, at least one
    on each side where it has two groups. Settled images stay where they are, whatever else is in their group.
    """
    _, groups = np.unique(arrivals.groups, return_inverse=True)
    side = _known_sides(groups, arrivals)
    contents = _Contents(groups, arrivals.labels)
    quota = _Quota(contents, side, valid_pct)
    order = sorted(np.flatnonzero(side == UNKNOWN).tolist(), key=_lots(groups, arrivals.shas, seed).__getitem__)
    for group in order:
        content = contents.of(group)
        side[group] = VALID if quota.wants(content) else TRAIN
        quota.add(content, int(side[group]))
    _give_each_side_one(order, side, contents, quota)
    return np.where(arrivals.settled == UNKNOWN, side[groups], arrivals.settled) == VALID


def _known_sides(groups: np.ndarray, arrivals: Arrivals) -> np.ndarray:
    """(G,) side of every group that need not be drawn."""
    side = np.full(groups.max(initial=-1) + 1, UNKNOWN)
    for of_image in (arrivals.given, arrivals.settled):  # what is settled overrules what is given,
        for one in (VALID, TRAIN):  # and train overrules valid
            side[groups[of_image == one]] = one
    return side


def _lots(groups: np.ndarray, shas: list[str], seed: int) -> list[bytes]:
    """One lot a group, drawn from the seed and its first picture's name alone: file order plays no part."""
    first: dict[int, str] = {}
    for group, sha in zip(groups.tolist(), shas, strict=True):
        first[group] = min(sha, first.get(group, sha))
    return [hashlib.blake2b(f"{seed}:{first[group]}".encode(), digest_size=16).digest() for group in range(len(first))]


class _Contents:
    """How many images of which labels every group holds: a row for each group and label in it, by group."""

    def __init__(self, groups: np.ndarray, labels: np.ndarray) -> None:
        counted = labels >= 0
        pairs, self.counts = np.unique(np.stack([groups[counted], labels[counted]]), axis=1, return_counts=True)
        self.groups, self.labels = pairs
        self.n_labels = int(labels.max(initial=-1)) + 1
        self._bounds = np.searchsorted(self.groups, np.arange(groups.max(initial=-1) + 2)).tolist()

    def of(self, group: int) -> Content:
        """(label, images) pairs of the group."""
        part = slice(self._bounds[group], self._bounds[group + 1])
        return list(zip(self.labels[part].tolist(), self.counts[part].tolist(), strict=True))


class _Quota:
    """How many validation images each label should have and how many images and groups lie on its sides so far."""

    def __init__(self, contents: _Contents, side: np.ndarray, valid_pct: float) -> None:
        labels, counts, of_pair = contents.labels, contents.counts, side[contents.groups]
        n_images = np.bincount(labels, counts, contents.n_labels).astype(np.int64)
        n_groups = np.bincount(labels, minlength=contents.n_labels)
        target = np.rint(n_images * valid_pct / 100).astype(np.int64)
        self.target = np.where(n_groups >= 2, np.clip(target, 1, n_images - 1), target).tolist()
        is_valid = of_pair == VALID
        self.n_valid = np.bincount(labels[is_valid], counts[is_valid], contents.n_labels).astype(int).tolist()
        self.n_groups = [
            np.bincount(labels[of_pair == one], minlength=contents.n_labels).tolist() for one in (TRAIN, VALID)
        ]

    def wants(self, content: Content) -> bool:
        """Whether validation comes closer to its target with the group; a small label's need weighs more."""
        gain = 0.0
        for label, n in content:
            missing = self.target[label] - self.n_valid[label]
            gain += (abs(missing) - abs(missing - n)) / max(self.target[label], 1)
        return gain > 0

    def add(self, content: Content, side: int, sign: int = 1) -> None:
        """Count the group in on `side` (out with sign -1)."""
        for label, n in content:
            self.n_groups[side][label] += sign
            if side == VALID:
                self.n_valid[label] += sign * n

    def is_lacking(self, content: Content, side: int) -> bool:
        """Whether one of the group's labels has nothing on that side."""
        return any(self.n_groups[side][label] == 0 for label, _ in content)

    def can_spare(self, content: Content, side: int) -> bool:
        """Whether each of the group's labels has another group on that side."""
        return all(self.n_groups[side][label] > 1 for label, _ in content)


def _give_each_side_one(order: list[int], side: np.ndarray, contents: _Contents, quota: _Quota) -> None:
    """Move the smallest drawn group that can be spared to the side on which one of its labels has none."""
    content_of = {group: contents.of(group) for group in order}
    for group in sorted(order, key=lambda group: sum(n for _, n in content_of[group])):  # lots decide between equals
        here = int(side[group])
        other = TRAIN + VALID - here
        if quota.is_lacking(content_of[group], other) and quota.can_spare(content_of[group], here):
            quota.add(content_of[group], here, sign=-1)
            quota.add(content_of[group], other)
            side[group] = other
