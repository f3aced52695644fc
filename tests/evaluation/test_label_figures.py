import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    precision_recall_curve,
    precision_score,
    recall_score,
)

from curate.evaluation import accuracy_interval
from curate.evaluation.label_figures import (
    average_precision,
    balanced_accuracy,
    f1_interval,
    label_figures,
    precision_recall,
)
from curate.evaluation.matrix import confusion

COUNTS = np.array([[8, 2, 0], [4, 16, 0], [3, 0, 2]])


def test_the_figures_of_three_labels_are_those_worked_out_by_hand():
    first, second, third = label_figures(COUNTS, ["a", "b", "c"])
    assert first.recall == accuracy_interval(8, 10) and first.precision == accuracy_interval(8, 15)
    assert (second.support, second.n_predicted) == (20, 18)
    assert second.f1 is not None and second.f1.value == pytest.approx(2 * 16 / 38)
    assert first.f1 == f1_interval(8, 10, 15)
    # Five pictures and two predictions of the third are too few to say anything.
    assert (third.recall, third.precision, third.f1) == (None, None, None)


def test_balanced_accuracy_is_the_mean_recall():
    assert balanced_accuracy(COUNTS) == pytest.approx((0.8 + 0.8 + 0.4) / 3)
    assert balanced_accuracy(np.zeros((2, 2), int)) is None


@given(st.integers(0, 10_000))
def test_figures_are_scikit_learns(seed: int):
    rng = np.random.default_rng(seed)
    actual, predicted = rng.integers(0, 4, 300), rng.integers(0, 4, 300)
    predicted = np.where(rng.random(300) < 0.6, actual, predicted)
    counts = confusion(actual, predicted, 4)
    rows = label_figures(counts, list("abcd"))
    for name, score in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
        theirs = score(actual, predicted, average=None)
        assert [getattr(row, name).value for row in rows] == pytest.approx(theirs.tolist())
    assert balanced_accuracy(counts) == pytest.approx(balanced_accuracy_score(actual, predicted))


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_an_f1_lies_within_its_interval(right: int, missed: int, false: int):
    interval = f1_interval(right, right + missed, right + false)
    if interval is None:
        assert right + missed + false < 10
    else:
        assert 0 <= interval.low <= interval.value <= interval.high <= 1
        assert interval.value == pytest.approx(2 * right / max(1, 2 * right + missed + false))


@given(arrays.arrays(bool, 40), arrays.arrays(np.int64, 40, elements=st.integers(0, 12)))
def test_the_precision_recall_curve_is_scikit_learns(is_label: np.ndarray, scores: np.ndarray):
    curve = precision_recall(is_label, scores / 12)
    if not is_label.any():
        assert curve.empty and average_precision(is_label, scores / 12) is None
        return
    precision, recall, thresholds = precision_recall_curve(is_label, scores / 12)
    assert curve["threshold"].tolist() == pytest.approx(thresholds[::-1].tolist())
    assert curve["precision"].tolist() == pytest.approx(precision[:-1][::-1].tolist())
    assert curve["recall"].tolist() == pytest.approx(recall[:-1][::-1].tolist())
    area = average_precision(is_label, scores / 12)
    assert area is not None and not math.isnan(area)
    assert area == pytest.approx(average_precision_score(is_label, scores / 12))
