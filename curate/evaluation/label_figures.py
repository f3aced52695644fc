"""Precision, recall and F1 of every label with 95 % intervals, and none where there are too few pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from curate.evaluation.intervals import Interval, accuracy_interval
from curate.evaluation.matrix import divide

FEWEST = 10  # pictures, below which a share says too little


@dataclass(frozen=True)
class LabelFigures:
    """One label.  support: its pictures.  n_predicted: pictures predicted as it.  A figure is None below `FEWEST`."""

    label: str
    precision: Interval | None
    recall: Interval | None
    f1: Interval | None
    support: int
    n_predicted: int


def label_figures(counts: np.ndarray, names: Sequence[str]) -> list[LabelFigures]:
    """Returns the figures of each label, in label order; counts: (C, C) by label (row) and predicted label."""
    right, support, n_predicted = np.diag(counts).tolist(), counts.sum(axis=1).tolist(), counts.sum(axis=0).tolist()
    return [
        LabelFigures(name, _share(hits, taken), _share(hits, n), f1_interval(hits, n, taken), n, taken)
        for name, hits, n, taken in zip(names, right, support, n_predicted, strict=True)
    ]


def f1_interval(n_right: int, support: int, n_predicted: int) -> Interval | None:
    """Returns F1 with its 95 % interval; None below `FEWEST` pictures that have the label or were predicted as it.

    F1 = 2 J / (1 + J) grows with J, the share of right ones among those pictures, so the ends of J's Wilson interval
    give those of F1.

    >>> f1_interval(8, 10, 10)  # J = 8 / 12, in 0.391 to 0.862
    Interval(value=0.8, low=0.5617..., high=0.9258...)
    """
    n = support + n_predicted - n_right
    if n < FEWEST:
        return None
    share = accuracy_interval(n_right, n)
    value, low, high = (2 * end / (1 + end) for end in (share.value, share.low, share.high))
    return Interval(value, low, high)


def balanced_accuracy(counts: np.ndarray) -> float | None:
    """Returns the mean recall of the labels with pictures, each counting the same; None without any picture.

    Source: `sklearn.metrics.balanced_accuracy_score`.
    """
    recalls = divide(np.diag(counts), counts.sum(axis=1))
    known = recalls[~np.isnan(recalls)]
    return float(known.mean()) if len(known) else None


def average_precision(is_label: np.ndarray, scores: np.ndarray) -> float | None:
    """Returns the area under the precision-recall curve; None without pictures of the label.

    Source: `sklearn.metrics.average_precision_score`.
    """
    curve = precision_recall(is_label, scores)
    if curve.empty:
        return None
    gains = np.diff(curve["recall"].to_numpy(), prepend=0.0)
    return float((gains * curve["precision"].to_numpy()).sum())


def precision_recall(is_label: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    """Returns the precision-recall curve of a label: `threshold`, `precision`, `recall`, highest threshold first.

    is_label: (K,) bool.  scores: (K,) the label's probability.  A row per distinct score; empty without pictures of the
    label.

    >>> precision_recall(np.array([True, False, True]), np.array([0.9, 0.8, 0.3])).round(2).to_numpy().tolist()
    [[0.9, 1.0, 0.5], [0.8, 0.5, 0.5], [0.3, 0.67, 1.0]]
    """
    n_label = int(is_label.sum())
    order = np.argsort(-scores, kind="stable") if n_label else np.zeros(0, np.int64)
    sorted_scores, hits = scores[order], np.cumsum(is_label[order])
    last = np.flatnonzero(np.diff(sorted_scores, append=-np.inf)) if n_label else order
    return pd.DataFrame(
        {
            "threshold": sorted_scores[last],
            "precision": hits[last] / (last + 1.0),
            "recall": hits[last] / max(n_label, 1),
        }
    )


def _share(n_right: int, n: int) -> Interval | None:
    return accuracy_interval(n_right, n) if n >= FEWEST else None
