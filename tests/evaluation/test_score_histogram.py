import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from curate.evaluation.score_histogram import confidence_histogram, loss_histogram


def test_right_and_wrong_ones_are_counted_apart():
    histogram = confidence_histogram(np.array([0.5, 0.52, 0.97, 1.0]), np.array([True, False, False, False]))
    assert (histogram.right[10], histogram.wrong[10]) == (1, 1)
    assert histogram.right[19] == 2
    assert histogram.right.sum() + histogram.wrong.sum() == 4


def test_losses_past_the_scale_stand_in_its_last_bin():
    histogram = loss_histogram(np.array([7.99, 8.0, 87.3]), np.array([False, True, True]))
    assert (histogram.right[-2], histogram.wrong[-1]) == (1, 2)
    assert histogram.edges[-1] > 87.3


@given(arrays.arrays(np.float32, 50, elements=st.floats(0, 1, width=32)), arrays.arrays(bool, 50))
def test_every_picture_is_in_the_bin_whose_edges_enclose_it(scores: np.ndarray, is_wrong: np.ndarray):
    histogram = confidence_histogram(scores, is_wrong)
    for place, (low, high) in enumerate(zip(histogram.edges[:-1], histogram.edges[1:], strict=True)):
        is_in = (scores >= low) & (scores < high)
        assert histogram.right[place] == (is_in & ~is_wrong).sum()
        assert histogram.wrong[place] == (is_in & is_wrong).sum()
