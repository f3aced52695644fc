"""The difference on checked labels of the flips: values worked out by hand, and no bias on built cases."""

import numpy as np
import pytest

from curate.evaluation import difference_interval, probability_better
from curate.evaluation.checked_flips import FITS_NONE, UNCHECKED, CheckedFlips, count_checked_flips


def test_each_flip_counts_for_the_run_that_is_right_about_it():
    # Second run right, first right, both wrong, fits no label, unchecked.
    before, after = np.array([0, 1, 0, 2, 0]), np.array([1, 0, 2, 0, 1])
    flips = count_checked_flips(before, after, np.array([1, 1, 1, FITS_NONE, UNCHECKED]), 20)
    assert flips == CheckedFlips(n=20, n_flips=5, n_fixed=1, n_broken=1, n_neither=2)
    assert (flips.n_checked, flips.n_open, flips.is_done) == (4, 1, False)
    assert flips.bounds == (-1 / 20, 1 / 20)


def test_a_finished_check_has_the_interval_of_all_comparisons():
    flips = CheckedFlips(n=38, n_flips=13, n_fixed=10, n_broken=2, n_neither=1)
    assert flips.is_done
    assert flips.difference == difference_interval(10, 2, 38)
    assert flips.difference.value == pytest.approx(8 / 38)
    assert flips.bounds == pytest.approx((8 / 38, 8 / 38))
    assert flips.probability_better == probability_better(10, 2)


def test_unchecked_flips_may_go_either_way():
    assert CheckedFlips(n=10, n_flips=4, n_fixed=0, n_broken=0, n_neither=0).bounds == (-0.4, 0.4)
    assert CheckedFlips(n=10, n_flips=4, n_fixed=3, n_broken=0, n_neither=0).bounds == (0.2, 0.4)  # decided already


def test_the_difference_on_checked_flips_is_the_one_on_true_labels_whatever_the_filed_ones_are():
    rng = np.random.default_rng(16)
    for _ in range(50):
        truth, before, after = rng.integers(0, 4, (3, 200))
        flipped = before != after
        flips = count_checked_flips(before[flipped], after[flipped], truth[flipped], 200)
        assert flips.difference.value == pytest.approx((after == truth).mean() - (before == truth).mean())


def test_accepting_the_new_runs_suggestions_biases_the_difference_and_the_blind_check_removes_that():
    differences = np.array([_one_case(np.random.default_rng(seed)) for seed in range(200)])
    before_check, after_check = differences.mean(axis=0)
    spread = differences.std(axis=0) / np.sqrt(len(differences))
    # Both runs are equally good. Accepting half of what the new run suggests makes it look 4 points better or more.
    assert before_check > 0.04
    assert abs(after_check) < 4 * spread[1]
    assert spread[1] < 0.002


def _one_case(rng: np.random.Generator) -> tuple[float, float]:
    """Returns (naive difference, difference on checked flips) of two runs that are equally good on 1,000 images."""
    n, n_labels = 1_000, 5
    truth = rng.integers(0, n_labels, n)
    filed, before, after = (_wrong_for(truth, share, n_labels, rng) for share in (0.1, 0.15, 0.15))
    is_accepted = (after != filed) & (rng.random(n) < 0.5)  # validation labels replaced by the new run's suggestion
    filed = np.where(is_accepted, after, filed)
    flipped = before != after
    naive = (after == filed).mean() - (before == filed).mean()
    checked = count_checked_flips(before[flipped], after[flipped], truth[flipped], n)
    return float(naive), checked.difference.value


def _wrong_for(truth: np.ndarray, share: float, n_labels: int, rng: np.random.Generator) -> np.ndarray:
    """Returns the labels with that share of them moved to another one."""
    is_wrong = rng.random(len(truth)) < share
    return np.where(is_wrong, (truth + rng.integers(1, n_labels, len(truth))) % n_labels, truth)
