import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from curate.evaluation import accuracy_interval, difference_interval, mcnemar


def test_the_wilson_interval_of_8_right_out_of_10_is_the_textbook_one():
    interval = accuracy_interval(8, 10)
    assert (round(interval.low, 4), interval.value, round(interval.high, 4)) == (0.4902, 0.8, 0.9433)


def test_without_images_nothing_is_known_about_the_accuracy():
    interval = accuracy_interval(0, 0)
    assert math.isnan(interval.value) and (interval.low, interval.high) == (0.0, 1.0)


def test_all_right_on_three_images_still_leaves_room_for_errors():
    assert astuple(accuracy_interval(3, 3)) == pytest.approx((1.0, 0.4385, 1.0), abs=1e-4)


@given(st.integers(0, 500), st.integers(0, 500))
def test_an_accuracy_lies_in_its_interval_and_agrees_with_scipy(n_right: int, n_wrong: int):
    n = n_right + n_wrong
    interval = accuracy_interval(n_right, n)
    assert 0 <= interval.low <= interval.high <= 1
    if n:
        theirs = binomtest(n_right, n).proportion_ci(method="wilson")
        assert interval.low <= interval.value <= interval.high
        assert (interval.low, interval.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_the_exact_binomial_test_and_does_not_care_which_run_comes_first(fixed: int, broken: int):
    p_value = mcnemar(fixed, broken)
    assert 0 <= p_value <= 1
    assert p_value == mcnemar(broken, fixed)
    if fixed + broken:
        assert p_value == pytest.approx(binomtest(fixed, fixed + broken).pvalue, rel=1e-9)


def test_the_difference_is_the_share_fixed_less_the_share_broken():
    interval = difference_interval(n_fixed=30, n_broken=10, n=200)
    assert interval.value == 0.1
    # by hand: the variance of one image's change is (30 + 10) / 200 - 0.1² = 0.19; 1.96 × √(0.19 / 200) = 0.0604
    assert interval.low == pytest.approx(0.1 - 0.0604, abs=0.006)
    assert interval.high == pytest.approx(0.1 + 0.0604, abs=0.006)


def test_the_same_seed_gives_the_same_interval():
    assert difference_interval(9, 4, 80, seed=3) == difference_interval(9, 4, 80, seed=3)


def test_the_interval_of_the_difference_agrees_with_resampling_the_images_themselves():
    changes = np.repeat([1, -1, 0], [12, 5, 83])
    drawn = np.random.default_rng(1).choice(changes, size=(5_000, 100)).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    interval = difference_interval(12, 5, 100)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.011)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_the_difference_lies_in_its_interval(fixed: int, broken: int, rest: int):
    interval = difference_interval(fixed, broken, fixed + broken + rest, resamples=500)
    assert -1 <= interval.low <= interval.high <= 1
    if fixed + broken + rest:
        assert interval.low <= interval.value <= interval.high
