"""The rows and columns of a drawn matrix: labels, groups of labels, and "(other)" for what is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from curate.evaluation.label_order import OTHER, fold, order_labels
from curate.evaluation.matrix import most_confused_labels

OTHER_KEY, GROUP_KEY = "other", "group:"  # a label's key is its id


@dataclass(frozen=True)
class Levels:
    """L levels in the order in which they are drawn.

    keys: of levels, for an address.  level_of: the level of each of the C labels.  n_other: labels folded into
    "(other)".  labels: {key of a label: its name}, C of them in label order, whether they have a level or not.
    """

    names: tuple[str, ...]
    keys: tuple[str, ...]
    level_of: tuple[int, ...]
    n_other: int
    labels: tuple[tuple[str, str], ...]

    @cached_property
    def of_label(self) -> np.ndarray:
        """(C,) the level of each label."""
        return np.array(self.level_of, np.int64)

    @cached_property
    def places(self) -> dict[str, int]:
        """{key: place of the level}."""
        return {key: place for place, key in enumerate(self.keys)}

    @cached_property
    def titles(self) -> dict[str, str]:
        """{key: name} of every level and of every label."""
        return {**dict(self.labels), **dict(zip(self.keys, self.names, strict=True))}

    def is_in(self, key: str) -> np.ndarray:
        """Returns (C,) bool: the labels of the level, or the one label, with that key. Raises KeyError."""
        if key in self.titles and key not in self.places:
            return np.array([label == key for label, _ in self.labels], bool)
        return np.asarray(self.of_label == self.places[key])

    def fold(self, counts: np.ndarray) -> np.ndarray:
        """Returns the (L, L) counts of a (C, C) matrix of labels."""
        n = len(self.keys)
        folded = np.zeros((n, n), counts.dtype)
        part = fold(counts, self.of_label)
        folded[: len(part), : len(part)] = part
        return folded


def arrange(
    counts: np.ndarray,
    names: Sequence[str],
    ids: Sequence[int],
    order: str = "given",
    most: int = 40,
    groups: Mapping[int, str] | None = None,
) -> Levels:
    """Returns the levels of a (C, C) matrix.

    order: of `label_order.ORDERS`.  most: levels; of more, the most confused `most` are shown, and the rest is one
    level, the last.  groups: {label id: name of its group}, whose labels fold into one level each; labels without a
    group stay as they are.
    """
    group_of = groups or {}
    unit_keys = [f"{GROUP_KEY}{group_of[id_]}" if id_ in group_of else str(id_) for id_ in ids]
    unit_names = {key: group_of.get(id_, name) for key, id_, name in zip(unit_keys, ids, names, strict=True)}
    units = {key: place for place, key in enumerate(unit_names)}
    unit_of_label = np.array([units[key] for key in unit_keys], np.int64)
    matrix = fold(counts, unit_of_label)
    shown = np.arange(len(units)) if len(units) <= most else most_confused_labels(matrix, most)
    part = matrix[np.ix_(shown, shown)]
    titles = list(unit_names.values())
    shown = shown[order_labels(part, [titles[unit] for unit in shown.tolist()], order)]
    keys = list(unit_names)
    place = np.full(len(units), len(shown), np.int64)
    place[shown] = np.arange(len(shown))
    of_label = place[unit_of_label]
    n_other = int((of_label == len(shown)).sum())
    rest = ((OTHER,), (OTHER_KEY,)) if n_other else ((), ())
    return Levels(
        tuple(titles[unit] for unit in shown.tolist()) + rest[0],
        tuple(keys[unit] for unit in shown.tolist()) + rest[1],
        tuple(of_label.tolist()),
        n_other,
        tuple((str(id_), name) for id_, name in zip(ids, names, strict=True)),
    )
