"""Compares two runs on the same validation images under today's labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from curate.evaluation.intervals import (
    Interval,
    accuracy_interval,
    mcnemar,
    probability_better,
)
from curate.evaluation.many_labels import adjusted, label_p_values
from curate.evaluation.matrix import confusion, per_label
from curate.evaluation.paired import paired_interval
from curate.evaluation.rescoring import Rescored, is_scored, rescore
from curate.evaluation.words import MISSING, points

FEW_IMAGES = 10  # below this many validation images, two runs are not told apart whatever the interval


@dataclass(frozen=True)
class Side:
    """One of the two runs: `accuracy`, (C, C) `matrix`, `mean_loss`, `largest_loss` (NaN if undefined), (n,) `losses`.

    A loss is NaN where the run did not know the image's label.
    """

    accuracy: Interval
    matrix: np.ndarray
    losses: np.ndarray
    mean_loss: float
    largest_loss: float


@dataclass(frozen=True)
class Comparison:
    """Two runs on the same n images.

    n_left_out: images that one of the runs never scored, in none of the numbers.
    difference: change of accuracy in [-1, 1] with its Bonett-Price interval, from which `verdict` follows.
    p_value: McNemar's mid-p-value, small = the runs differ. probability_better: that the second run is better, in
    [0, 1], given the images that only one of the two gets right.
    labels: one row per label: label, recall_before, recall_after, recall_change, the same of precision and f1, support,
    p_value of the change of recall and q_value, adjusted for looking at many labels (NaN below ten images).
    flips: one row per image whose prediction changed: image, label, before, after (positions), kind, p_before,
    p_after (probability of the actual label), largest change first. kind: "fixed" wrong → right, "broken"
    right → wrong, "changed" wrong → otherwise wrong.
    """

    n: int
    n_left_out: int
    before: Side
    after: Side
    difference: Interval
    p_value: float
    probability_better: float
    n_fixed: int
    n_broken: int
    verdict: str
    labels: pd.DataFrame
    flips: pd.DataFrame


def compare(
    labels: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    images: np.ndarray,
    names: Sequence[str],
    groups: np.ndarray | None = None,
) -> Comparison:
    """Returns the before/after report of two runs on one validation set.

    labels: (N,) int, today's positions; before, after: (N, C) probabilities, columns in the order of `names`
    (see `align_columns`): a NaN column is a label that run did not know, a row of NaN an image it never scored,
    which is left out for both. images: (N,) ids, handed back in `flips`. groups: (N,) int, equal for near-duplicates,
    which count as one draw in the interval; None = there are none.
    """
    shared = is_scored(before) & is_scored(after)
    labels, images = np.asarray(labels)[shared], np.asarray(images)[shared]
    old, new = rescore(before[shared], labels), rescore(after[shared], labels)
    old_right, new_right = old.predicted == labels, new.predicted == labels
    n, n_fixed, n_broken = len(labels), int((~old_right & new_right).sum()), int((old_right & ~new_right).sum())
    sides = [_side(rescored, labels, len(names)) for rescored in (old, new)]
    change = new_right.astype(int) - old_right.astype(int)
    difference = paired_interval(change, None if groups is None else np.asarray(groups)[shared])
    return Comparison(
        n=n,
        n_left_out=int((~shared).sum()),
        before=sides[0],
        after=sides[1],
        difference=difference,
        p_value=mcnemar(n_fixed, n_broken),
        probability_better=probability_better(n_fixed, n_broken),
        n_fixed=n_fixed,
        n_broken=n_broken,
        verdict=verdict(n, n_fixed, n_broken, difference),
        labels=_label_changes(sides[0].matrix, sides[1].matrix, names).assign(
            **_label_chances(labels, old_right, new_right, len(names))
        ),
        flips=_flips(labels, images, old, new),
    )


def verdict(n: int, n_fixed: int, n_broken: int, difference: Interval) -> str:
    """Returns one sentence on whether accuracy really changed; it follows from the interval that it shows.

    >>> verdict(38, 10, 2, Interval(0.21, 0.027, 0.373))
    'Validation accuracy rose by 21.0 points (+2.7 to +37.3), more than chance explains.'
    """
    if n == 0:
        return "There are no validation images that both runs have seen."
    if n_fixed == n_broken == 0:
        return f"Both runs are right about exactly the same images ({n:,} compared)."
    if n < FEW_IMAGES:
        return f"{n} validation images are too few to tell the two runs apart."
    is_real = is_beyond_chance(n, difference)
    conclusion = ", more than chance explains." if is_real else ": it cannot be told apart from chance."
    return f"Validation accuracy {change_in_words(difference)}{conclusion}"


def change_in_words(change: Interval) -> str:
    """Returns a change of accuracy with the ends of its interval: "rose by 0.8 points (−0.6 to +2.2)"."""
    ends = ends_in_words(change)
    if change.value == 0:
        return f"stayed the same {ends}"
    size = points(abs(change.value), shown_decimals(change)).lstrip("+")
    return f"{'rose' if change.value > 0 else 'fell'} by {size} points {ends}"


def is_beyond_chance(n: int, difference: Interval) -> bool:
    """Whether the change counts as real: enough images, and zero lies outside its interval."""
    return n >= FEW_IMAGES and difference.excludes_zero


def ends_in_words(difference: Interval) -> str:
    """Returns both ends of a change in percentage points, in brackets.

    >>> ends_in_words(Interval(0.21, 0.027, 0.373))
    '(+2.7 to +37.3)'
    """
    decimals = shown_decimals(difference)
    return f"({points(difference.low, decimals)} to {points(difference.high, decimals)})"


def shown_decimals(difference: Interval) -> int:
    """Returns how many decimals, 1 to 3, keep the ends of the interval from being rounded to zero."""
    ends = [abs(100 * end) for end in (difference.low, difference.high)]
    return next((n for n in (1, 2) if all(round(end, n) for end in ends)), 3)


def _side(rescored: Rescored, labels: np.ndarray, n_labels: int) -> Side:
    n_right = int((rescored.predicted == labels).sum())
    known = rescored.losses[~np.isnan(rescored.losses)]
    return Side(
        accuracy=accuracy_interval(n_right, len(labels)),
        matrix=confusion(labels, rescored.predicted, n_labels),
        losses=rescored.losses,
        mean_loss=float(known.mean()) if known.size else float("nan"),
        largest_loss=float(known.max()) if known.size else float("nan"),
    )


def _label_changes(before: np.ndarray, after: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    old, new = per_label(before, names), per_label(after, names)
    table = {"label": old["label"]}
    for name in ("recall", "precision", "f1"):
        table |= {f"{name}_before": old[name], f"{name}_after": new[name], f"{name}_change": new[name] - old[name]}
    return pd.DataFrame({**table, "support": old["support"]})


def _label_chances(
    labels: np.ndarray, old_right: np.ndarray, new_right: np.ndarray, n_labels: int
) -> dict[str, np.ndarray]:
    p_values = label_p_values(labels, old_right, new_right, n_labels, FEW_IMAGES)
    return {"p_value": p_values, "q_value": adjusted(p_values)}


def _flips(labels: np.ndarray, images: np.ndarray, old: Rescored, new: Rescored) -> pd.DataFrame:
    flipped = np.flatnonzero(old.predicted != new.predicted)
    actual, before, after = labels[flipped], old.predicted[flipped], new.predicted[flipped]
    kind = np.select([after == actual, before == actual], ["fixed", "broken"], "changed")
    p_before, p_after = old.p_actual[flipped], new.p_actual[flipped]
    table = pd.DataFrame(
        {
            "image": images[flipped],
            "label": actual,
            "before": before,
            "after": after,
            "kind": kind,
            "p_before": p_before,
            "p_after": p_after,
        }
    )
    return table.iloc[np.argsort(-np.abs(p_after - p_before), kind="stable")].reset_index(drop=True)


def accuracy_in_words(accuracy: Interval) -> str:
    """Returns an accuracy with its interval to one decimal; a dash without images.

    >>> accuracy_in_words(Interval(0.8, 0.49, 0.943))
    '80.0 % (49.0 to 94.3)'
    """
    if np.isnan(accuracy.value):
        return MISSING
    return f"{100 * accuracy.value:.1f} % ({100 * accuracy.low:.1f} to {100 * accuracy.high:.1f})"
