"""Computes confusion matrices, metrics, intervals and comparisons from arrays; knows no database."""

from curate.evaluation.comparison import Comparison, Side, accuracy_in_words, compare, verdict
from curate.evaluation.intervals import (
    Interval,
    accuracy_interval,
    difference_interval,
    exact_interval,
    mcnemar,
    probability_better,
    relative_risk,
)
from curate.evaluation.matrix import (
    accuracy,
    confusion,
    macro,
    most_confused,
    most_confused_labels,
    per_label,
    row_shares,
)
from curate.evaluation.rescoring import Rescored, align_columns, is_scored, rescore
from curate.evaluation.words import per_cent, pictures, points

__all__ = [
    "Comparison",
    "Interval",
    "Rescored",
    "Side",
    "accuracy",
    "accuracy_in_words",
    "accuracy_interval",
    "align_columns",
    "compare",
    "confusion",
    "difference_interval",
    "exact_interval",
    "is_scored",
    "macro",
    "mcnemar",
    "most_confused",
    "most_confused_labels",
    "per_cent",
    "per_label",
    "pictures",
    "points",
    "probability_better",
    "relative_risk",
    "rescore",
    "row_shares",
    "verdict",
]
