import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats.contingency import relative_risk as scipy_risk

from curate.evaluation import causes, relative_risk
from curate.evaluation.causes import RIGHT, Cause


def bools(*values: int) -> np.ndarray:
    return np.array(values, bool)


def test_an_error_gets_the_first_of_its_signs_and_a_right_picture_none():
    signs = {"label": bools(1, 0, 0, 1), "blurry": bools(1, 1, 0, 1)}
    assert causes.assign(bools(1, 1, 1, 0), signs).tolist() == [0, 1, 2, RIGHT]


def test_errors_are_counted_once_and_base_rates_over_every_picture():
    # Ten pictures, four wrong. Two of the three with a doubtful label are wrong, two of the four blurry ones.
    is_wrong = bools(1, 1, 1, 1, 0, 0, 0, 0, 0, 0)
    signs = {"label": bools(1, 1, 0, 0, 1, 0, 0, 0, 0, 0), "blurry": bools(0, 1, 1, 0, 0, 1, 1, 0, 0, 0)}
    label, blurry = causes.summarise(is_wrong, signs)
    assert (label.n_errors, label.n_with_wrong, label.n_with, label.n_wrong, label.n) == (2, 2, 3, 4, 10)
    assert (blurry.n_errors, blurry.n_with_wrong, blurry.n_with) == (1, 2, 4)
    assert label.risk is not None and label.risk.value == pytest.approx((2 / 3) / (2 / 7))
    assert blurry.risk is not None and blurry.risk.value == pytest.approx((2 / 4) / (2 / 6))


def test_without_errors_or_pictures_nothing_is_undefined():
    assert causes.summarise(bools(), {"blurry": bools()}) == [Cause("blurry", 0, 0, 0, 0, 0, None)]
    (row,) = causes.summarise(bools(0, 0), {"blurry": bools(1, 0)})
    assert row.n_errors == 0 and row.risk is not None
    assert row.risk.low < 1 < row.risk.high


@given(arrays.arrays(bool, (60, 4)))
def test_every_error_has_exactly_one_cause(table: np.ndarray):
    is_wrong, signs = table[:, 0], {f"sign {i}": table[:, i] for i in (1, 2, 3)}
    assigned = causes.assign(is_wrong, signs)
    rows = causes.summarise(is_wrong, signs)
    assert ((assigned == RIGHT) == ~is_wrong).all()
    assert sum(row.n_errors for row in rows) + int((assigned == len(signs)).sum()) == int(is_wrong.sum())


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_a_risk_is_scipys_and_never_undefined(n_with: int, n_without: int, data: st.DataObject):
    hit_with, hit_without = data.draw(st.integers(0, n_with)), data.draw(st.integers(0, n_without))
    risk = relative_risk(hit_with, n_with, hit_without, n_without)
    assert risk is not None
    assert 0 < risk.low <= risk.value <= risk.high < math.inf
    if min(hit_with, hit_without) > 0 and (hit_with, hit_without) != (n_with, n_without):
        theirs = scipy_risk(hit_with, n_with, hit_without, n_without)
        ends = theirs.confidence_interval(0.95)
        assert (risk.value, risk.low, risk.high) == pytest.approx((theirs.relative_risk, ends.low, ends.high))


def test_no_risk_without_a_group_to_compare_with():
    assert relative_risk(3, 5, 0, 0) is None
    assert relative_risk(0, 0, 3, 5) is None


def test_torn_is_less_than_a_fifth_apart():
    first, second = np.array([0.5, 0.6, 0.9]), np.array([0.45, 0.3, 0.1])
    assert causes.is_torn(first, second).tolist() == [True, False, False]


def test_rare_is_below_a_third_of_the_median_label():
    assert causes.rare_labels(np.array([300, 99, 100, 500])).tolist() == [False, False, False, False]
    assert causes.rare_labels(np.array([300, 60, 300, 500])).tolist() == [False, True, False, False]
    assert causes.rare_labels(np.zeros(0)).tolist() == []
