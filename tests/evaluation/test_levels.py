import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering

from curate.evaluation.label_order import ORDERS, confusion_shares, fold, order_labels
from curate.evaluation.levels import OTHER_KEY, arrange

# cat and lynx are confused with each other, dog and wolf are; they were imported in turn.
NAMES = ["dog", "cat", "wolf", "lynx"]
COUNTS = np.array([[10, 0, 3, 0], [0, 20, 0, 6], [2, 0, 8, 0], [0, 5, 1, 4]])
IDS = [11, 12, 13, 14]


def test_labels_by_name_by_pictures_and_by_errors():
    assert order_labels(COUNTS, NAMES, "given").tolist() == [0, 1, 2, 3]
    assert order_labels(COUNTS, NAMES, "name").tolist() == [1, 0, 3, 2]
    assert order_labels(COUNTS, NAMES, "size").tolist() == [1, 0, 2, 3]  # 26, 13, 10, 10: ties in label order
    # cat: 6 missed, 5 wrongly predicted; dog: 3 and 2; wolf: 2 and 4; lynx: 6 and 6
    assert order_labels(COUNTS, NAMES, "errors").tolist() == [3, 1, 2, 0]


def test_labels_confused_with_each_other_stand_together():
    order = order_labels(COUNTS, NAMES, "alike").tolist()
    assert abs(order.index(0) - order.index(2)) == 1 and abs(order.index(1) - order.index(3)) == 1


@given(st.integers(3, 12), st.integers(0, 5))
def test_the_order_of_alike_labels_is_scipys(n: int, seed: int):
    matrix = np.random.default_rng(seed).integers(0, 9, (n, n))
    apart = 1 - confusion_shares(matrix)[np.triu_indices(n, 1)]
    theirs = leaves_list(optimal_leaf_ordering(linkage(apart, "average"), apart))
    assert order_labels(matrix, [""] * n, "alike").tolist() == theirs.tolist()


@given(arrays.arrays(np.int64, (7, 7), elements=st.integers(0, 20)), st.sampled_from(sorted(ORDERS)))
def test_every_order_shows_every_label_once(matrix: np.ndarray, order: str):
    assert sorted(order_labels(matrix, list("gfedcba"), order).tolist()) == list(range(7))


def test_without_labels_there_is_no_order():
    empty = np.zeros((0, 0), int)
    assert all(order_labels(empty, [], order).tolist() == [] for order in ORDERS)
    assert fold(empty, np.zeros(0, int)).shape == (0, 0)
    assert arrange(empty, [], []).keys == ()


def test_groups_fold_rows_and_columns():
    levels = arrange(COUNTS, NAMES, IDS, groups={11: "dogs", 13: "dogs", 12: "cats"})
    assert levels.names == ("dogs", "cats", "lynx")
    assert levels.keys == ("group:dogs", "group:cats", "14")
    assert levels.fold(COUNTS).tolist() == [[23, 0, 0], [0, 20, 6], [1, 5, 4]]
    assert levels.is_in("group:dogs").tolist() == [True, False, True, False]


def test_past_the_most_labels_the_rest_is_one_level_that_counts_the_same_pictures():
    levels = arrange(COUNTS, NAMES, IDS, most=2, order="name")
    assert levels.names == ("cat", "lynx", "(other)")  # the largest error is between these two
    assert (levels.keys, levels.n_other) == (("12", "14", OTHER_KEY), 2)
    assert levels.fold(COUNTS).tolist() == [[20, 6, 0], [5, 4, 1], [0, 0, 23]]
    assert levels.is_in("11").tolist() == [True, False, False, False]  # a label without a level of its own
    assert levels.titles["11"] == "dog"
    with pytest.raises(KeyError):
        levels.is_in("group:dogs")


@given(arrays.arrays(np.int64, (9, 9), elements=st.integers(0, 20)), st.integers(1, 9), st.sampled_from(sorted(ORDERS)))
def test_no_picture_is_lost_by_folding(matrix: np.ndarray, most: int, order: str):
    names = list("abcdefghi")
    levels = arrange(matrix, names, list(range(9)), order, most, {0: "x", 5: "x", 8: "y"})
    assert levels.fold(matrix).sum() == matrix.sum()
    assert len(levels.keys) == len(set(levels.keys)) == len(levels.fold(matrix))
