import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom, binomtest

from curate.evaluation import accuracy_interval, difference_interval, mcnemar, probability_better


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
def test_mcnemar_counts_the_observed_split_by_half_and_ignores_which_run_comes_first(fixed: int, broken: int):
    p_value = mcnemar(fixed, broken)
    assert 0 <= p_value <= 1
    assert p_value == mcnemar(broken, fixed)
    if fixed + broken:
        n, fewer = fixed + broken, min(fixed, broken)
        both_tails = 2 * binom.cdf(fewer, n, 0.5)
        assert p_value == pytest.approx(min(1.0, both_tails - binom.pmf(fewer, n, 0.5)), rel=1e-9)


def test_mcnemar_of_ten_flips_is_the_one_worked_out_by_hand():
    # 9 to 1: 2 * (1 + 10 / 2) / 1,024; the exact test says 2 * 11 / 1,024 = 0.0215
    assert mcnemar(9, 1) == pytest.approx(12 / 1024)


def test_the_difference_is_the_share_fixed_less_the_share_broken():
    interval = difference_interval(n_fixed=30, n_broken=10, n=198)
    assert interval.value == pytest.approx(20 / 198)
    # by hand: 31 / 200 - 11 / 200 = 0.1; its variance is (42 / 200 - 0.1²) / 200 = 0.001; 1.96 * 0.03162 = 0.06198
    assert (interval.low, interval.high) == pytest.approx((0.03802, 0.16198), abs=1e-5)


def test_two_runs_that_agree_everywhere_may_still_differ_on_other_images():
    # by hand: 0 ± 1.96 * sqrt((2 / 100) / 100) = 0 ± 1.96 * 0.01414
    interval = difference_interval(0, 0, 98)
    assert (interval.low, interval.value, interval.high) == pytest.approx((-0.02772, 0.0, 0.02772), abs=1e-5)


def test_the_probability_of_being_better_is_the_posterior_above_one_half():
    assert probability_better(3, 1) == pytest.approx(26 / 32)  # of Beta(4, 2): (C(5,0) + … + C(5,3)) / 2⁵
    assert probability_better(12, 5) == pytest.approx(beta(13, 6).sf(0.5))


@given(st.integers(0, 500), st.integers(0, 500))
def test_one_run_is_better_as_probably_as_the_other_is_worse(fixed: int, broken: int):
    assert probability_better(fixed, broken) + probability_better(broken, fixed) == pytest.approx(1.0)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_the_difference_lies_in_its_interval(fixed: int, broken: int, rest: int):
    interval = difference_interval(fixed, broken, fixed + broken + rest)
    assert -1 <= interval.low <= interval.high <= 1
    if fixed + broken + rest:
        assert interval.low <= interval.value <= interval.high


@pytest.mark.parametrize("p_fixed", [0.02, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("p_broken", [0.02, 0.05, 0.1])
def test_the_interval_of_100_images_covers_the_true_difference_19_times_in_20(p_fixed: float, p_broken: float):
    n, n_trials = 100, 4_000
    cells = [p_fixed, p_broken, 1 - p_fixed - p_broken]
    drawn = np.random.default_rng(0).multinomial(n, cells, size=n_trials)
    counts, times = np.unique(drawn[:, :2], axis=0, return_counts=True)
    intervals = [difference_interval(int(fixed), int(broken), n) for fixed, broken in counts]
    covered = sum(int(k) for one, k in zip(intervals, times, strict=True) if one.low <= p_fixed - p_broken <= one.high)
    # the binomial error of 4,000 trials is 0.35 points; the percentile bootstrap covered 92 % with few flips
    assert covered / n_trials >= 0.94
    if p_fixed == p_broken:
        false_alarms = sum(int(k) for one, k in zip(intervals, times, strict=True) if one.excludes_zero)
        assert false_alarms / n_trials <= 0.06
