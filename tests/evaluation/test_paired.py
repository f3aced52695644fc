import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.evaluation import compare, difference_interval
from curate.evaluation.paired import paired_interval, paired_mean

COUNTS = st.integers(0, 40)


def changes(n_fixed: int, n_broken: int, n_same: int) -> np.ndarray:
    return np.repeat([1, -1, 0], [n_fixed, n_broken, n_same])


@given(COUNTS, COUNTS, COUNTS)
def test_of_images_that_are_all_alone_the_interval_is_bonett_and_prices(n_fixed, n_broken, n_same):
    interval = paired_interval(changes(n_fixed, n_broken, n_same))
    n = n_fixed + n_broken + n_same
    expected = difference_interval(n_fixed, n_broken, n)
    assert [interval.value, interval.low, interval.high] == pytest.approx(
        [expected.value, expected.low, expected.high], nan_ok=True
    )


def test_the_variance_with_a_pair_of_near_duplicates_is_that_worked_out_by_hand():
    mean = paired_mean(np.array([1, 1, 0, 0]), np.array([7, 7, 8, 9]))
    assert (mean.value, mean.n_groups) == (0.5, 3)
    assert mean.centre == pytest.approx(1 / 3)  # 2 / (4 + 2)
    # Groups: 2 - 2/3, -1/3, -1/3; the added two: 1 - 1/3, -1 - 1/3.
    assert mean.variance == pytest.approx((16 / 9 + 1 / 9 + 1 / 9 + 4 / 9 + 16 / 9) / 36)


def test_fifty_copies_of_a_picture_are_not_fifty_pictures():
    change = changes(50, 0, 200)
    copies = np.where(np.arange(250) < 50, 0, np.arange(250))
    assert paired_interval(change).low > 0
    assert paired_interval(change, copies).low < 0 < paired_interval(change, copies).high


def test_the_report_takes_near_duplicates_together():
    right, wrong = [0.9, 0.1], [0.2, 0.8]
    before = np.array([wrong] * 20 + [right] * 80)
    labels, images = np.zeros(100, int), np.arange(100)
    alone = compare(labels, before, np.array([right] * 100), images, ["cat", "dog"])
    together = compare(
        labels, before, np.array([right] * 100), images, ["cat", "dog"], np.where(images < 20, 0, images)
    )
    assert alone.difference.excludes_zero and not together.difference.excludes_zero
    assert alone.difference.value == together.difference.value == 0.2


@pytest.mark.parametrize("size", [1, 4])
def test_the_interval_covers_95_per_cent_also_when_groups_move_together(size):
    rng = np.random.default_rng(5)
    truth, covered = 0.03, 0
    for _ in range(400):
        of_group = rng.choice([1, -1, 0], 150, p=[0.08, 0.05, 0.87])
        interval = paired_interval(np.repeat(of_group, size), np.repeat(np.arange(150), size))
        covered += interval.low <= truth <= interval.high
    assert 0.92 <= covered / 400 <= 0.98


def test_without_images_there_is_an_interval_but_no_mean():
    assert (paired_interval(np.array([])).low, paired_interval(np.array([])).high) == (-1, 1)
    with pytest.raises(ValueError, match="no images"):
        paired_mean(np.array([]))
