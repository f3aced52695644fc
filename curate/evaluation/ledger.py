"""The ledger: what each decision on training images brought, by refits that differ in nothing but the labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from curate.evaluation.intervals import Interval
from curate.evaluation.paired import paired_interval

Predict = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(rows, new labels; -1 = left out) to (V,) predicted labels, as `embeddings.refit.Refits.predict`."""

NOT_FITTED = -1  # instead of a row: the decision was about an image outside the training images
MOST_POINTS = 200
PLACEBOS = 5  # draws of random relabels
ENOUGH = 0.8  # of the gain


@dataclass(frozen=True)
class Point:
    """The accuracy after the first n decisions, in `minutes` of work; placebo: after as many random relabels, the
    lowest, mean and highest of five draws."""

    n: int
    minutes: float
    accuracy: float
    placebo: tuple[float, float, float]


@dataclass(frozen=True)
class Part:
    """What the accuracy owes to a part of the decisions: with all less without these n. kind: action, version,
    reviewer or label."""

    kind: str
    name: str
    n: int
    effect: Interval


@dataclass(frozen=True)
class Steps:
    """M changes in their order. rows: (M,) of the training images or `NOT_FITTED`; labels: (M,) afterwards, -1 = left
    out; minutes: (M,) of work up to each; is_decision: (M,) bool, others take no place on the curve."""

    rows: np.ndarray
    labels: np.ndarray
    minutes: np.ndarray
    is_decision: np.ndarray


def curve(predict: Predict, actual: np.ndarray, start: np.ndarray, steps: Steps, n_labels: int) -> list[Point]:
    """Returns the accuracy after 0 to all decisions, at most 200 points apart evenly.

    actual: (V,) labels of the held-out images; start: (N,) labels of the training images before the first decision.
    """
    n_steps, n_decisions = len(steps.rows), int(steps.is_decision.sum())
    ends = np.concatenate([[0], np.flatnonzero(steps.is_decision) + 1])
    ends[-1] = n_steps  # what a restore changed last
    chosen = np.unique(np.linspace(0, n_decisions, min(n_decisions, MOST_POINTS) + 1).round().astype(int))
    changed = _is_changed(steps, start)
    placebos = [_placebo(start, steps, int(changed.sum()), n_labels, seed) for seed in range(PLACEBOS)]
    points = []
    for n in chosen.tolist():
        end = int(ends[n])
        n_random = int(changed[:end].sum())
        by_chance = [_accuracy(predict, actual, rows[:n_random], labels[:n_random]) for rows, labels in placebos]
        done = _accuracy(predict, actual, *last_labels(steps.rows[:end], steps.labels[:end]))
        spent = float(steps.minutes[end - 1]) if end else 0.0
        points.append(Point(n, spent, done, (min(by_chance), float(np.mean(by_chance)), max(by_chance))))
    return points


def part(
    predict: Predict, actual: np.ndarray, steps: Steps, is_in: np.ndarray, groups: np.ndarray, kind: str, name: str
) -> Part:
    """Returns what the decisions `is_in`, (M,) bool, brought: the change of accuracy between without and with them.

    groups: (V,) of near-duplicates among the held-out images. An image decided on twice keeps the other decision.
    """
    whole = predict(*last_labels(steps.rows, steps.labels)) == actual
    without = predict(*last_labels(steps.rows[~is_in], steps.labels[~is_in])) == actual
    return Part(kind, name, int(is_in.sum()), paired_interval(whole.astype(int) - without.astype(int), groups))


def last_labels(rows: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns each fitted row once, with the label that it was given last.

    >>> last_labels(np.array([4, 2, NOT_FITTED, 4]), np.array([0, 1, 1, 2]))
    (array([2, 4]), array([1, 2]))
    """
    fitted = rows != NOT_FITTED
    rows, labels = rows[fitted][::-1], labels[fitted][::-1]
    unique, first = np.unique(rows, return_index=True)
    return unique, labels[first]


def enough(points: Sequence[Point], share: float = ENOUGH) -> Point | None:
    """Returns the first point that has this share of the whole gain; None when the last is no better than the first."""
    first, last = points[0].accuracy, points[-1].accuracy
    if last <= first:
        return None
    return next(point for point in points if point.accuracy - first >= share * (last - first) - 1e-12)


def _accuracy(predict: Predict, actual: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> float:
    return float((predict(rows, labels) == actual).mean())


def _is_changed(steps: Steps, start: np.ndarray) -> np.ndarray:
    """Returns (M,) bool: the step gives a training image another label than it had to begin with, or takes it out."""
    fitted = steps.rows != NOT_FITTED
    return fitted & (steps.labels != start[np.where(fitted, steps.rows, 0)])


def _placebo(start: np.ndarray, steps: Steps, n: int, n_labels: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns rows and labels of at most n random relabels, of images that nobody decided on while there are some."""
    rng = np.random.default_rng(seed)
    untouched = np.setdiff1d(np.arange(len(start)), steps.rows)
    others = np.setdiff1d(np.arange(len(start)), untouched)
    rows = np.concatenate([rng.permutation(untouched), rng.permutation(others)])[:n]
    return rows, (start[rows] + rng.integers(1, n_labels, len(rows))) % n_labels
