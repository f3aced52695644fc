import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from curate.evaluation import (
    accuracy,
    confusion,
    macro,
    most_confused,
    most_confused_labels,
    per_label,
    row_shares,
)

NAMES = ["glass", "metal", "paper"]
#                    predicted: glass metal paper
MATRIX = np.array([[8, 2, 0], [1, 4, 0], [0, 0, 0]])  # paper has no images and was never predicted

pairs = st.integers(2, 8).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=60))
)


def test_rows_are_actual_labels_and_columns_predicted_ones():
    matrix = confusion(np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), 3)
    assert matrix.tolist() == [[1, 2, 0], [0, 1, 0], [0, 0, 0]]


def test_no_images_make_an_empty_matrix_of_the_right_shape():
    assert confusion(np.array([], dtype=int), np.array([], dtype=int), 2).tolist() == [[0, 0], [0, 0]]


def test_a_position_that_is_no_label_is_refused():
    with pytest.raises(ValueError, match="predicted must be positions from 0 to 1"):
        confusion(np.array([0]), np.array([2]), 2)


@given(pairs)
def test_the_matrix_agrees_with_scikit_learn_and_sums_to_the_images(case: tuple[int, list[tuple[int, int]]]):
    n_labels, cells = case
    actual, predicted = np.array(cells, dtype=int).reshape(-1, 2).T
    matrix = confusion(actual, predicted, n_labels)
    assert matrix.sum() == len(cells)
    if cells:
        assert (matrix == metrics.confusion_matrix(actual, predicted, labels=range(n_labels))).all()
        assert accuracy(matrix) == pytest.approx(metrics.accuracy_score(actual, predicted))


@given(pairs)
def test_per_label_numbers_agree_with_scikit_learn_where_they_are_defined(case: tuple[int, list[tuple[int, int]]]):
    n_labels, cells = case
    actual, predicted = np.array(cells, dtype=int).reshape(-1, 2).T
    table = per_label(confusion(actual, predicted, n_labels), [str(i) for i in range(n_labels)])
    if not cells:
        assert table[["precision", "recall", "f1"]].isna().all(axis=None)
        return
    theirs = metrics.precision_recall_fscore_support(
        actual, predicted, labels=list(range(n_labels)), zero_division=np.nan
    )
    for column, values in zip(("precision", "recall", "f1", "support"), theirs, strict=True):
        np.testing.assert_allclose(table[column].astype(float), values.astype(float), err_msg=column)


def test_per_label_numbers_are_the_ones_worked_out_by_hand():
    table = per_label(MATRIX, NAMES).set_index("label")
    assert dict(table.loc["glass"]) == pytest.approx({"precision": 8 / 9, "recall": 0.8, "f1": 16 / 19, "support": 10})
    assert list(table.loc["metal", ["precision", "recall"]]) == pytest.approx([4 / 6, 0.8])
    assert table.loc["paper", ["precision", "recall", "f1"]].isna().all()
    assert table.loc["paper", "support"] == 0


def test_a_label_never_predicted_has_f1_zero_but_no_precision():
    table = per_label(np.array([[0, 2], [0, 3]]), ["a", "b"])
    assert table["precision"].isna()[0] and table.loc[0, "f1"] == 0


def test_macro_means_leave_out_labels_without_images():
    means = macro(per_label(MATRIX, NAMES))
    assert means["recall"] == pytest.approx(0.8)
    assert means["precision"] == pytest.approx((8 / 9 + 4 / 6) / 2)
    assert np.isnan(macro(per_label(np.zeros((2, 2), dtype=int), ["a", "b"]))["recall"])


def test_shares_are_of_the_actual_label_and_missing_where_it_has_no_images():
    shares = row_shares(MATRIX)
    assert shares[:2].tolist() == [[0.8, 0.2, 0.0], [0.2, 0.8, 0.0]]
    assert np.isnan(shares[2]).all()


def test_the_most_confused_cells_come_with_the_most_pictures_first():
    table = most_confused(np.array([[5, 2, 1], [2, 0, 0], [0, 7, 90]]), NAMES)
    assert table["pictures"].tolist() == [7, 2, 2, 1]
    assert table["label"].tolist() == ["paper", "metal", "glass", "glass"]  # metal → glass is 100 % of metal
    assert table["predicted_label"].tolist() == ["metal", "glass", "metal", "paper"]
    assert table["share"].tolist() == pytest.approx([7 / 97, 1.0, 0.25, 0.125])


def test_a_perfect_matrix_has_no_confused_cells():
    assert most_confused(np.diag([3, 4, 5]), NAMES).empty


def test_the_labels_drawn_of_a_large_matrix_stand_beside_what_they_are_mixed_up_with():
    matrix = np.diag(np.arange(1, 101))
    matrix[7, 90], matrix[30, 31] = 5, 3
    assert most_confused_labels(matrix, 4).tolist() == [7, 30, 31, 90]
    assert most_confused_labels(matrix, 6).tolist() == [7, 30, 31, 90, 98, 99]  # filled up with the largest labels


def test_never_more_labels_are_drawn_than_there_are():
    assert most_confused_labels(MATRIX, 30).tolist() == [0, 1, 2]


def test_a_matrix_of_a_thousand_labels_needs_no_more_memory_than_itself_and_the_images():
    rng = np.random.default_rng(0)
    matrix = confusion(rng.integers(0, 1000, 50_000), rng.integers(0, 1000, 50_000), 1000)
    assert matrix.shape == (1000, 1000) and matrix.sum() == 50_000
    assert len(most_confused(matrix, [str(i) for i in range(1000)], 20)) == 20
