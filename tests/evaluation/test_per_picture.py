import numpy as np
import pytest
from sklearn.metrics import log_loss, top_k_accuracy_score

from curate.evaluation import per_picture as module
from curate.evaluation.per_picture import per_picture

THREE = np.array([[0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.0, 0.0, 1.0]], np.float32)


def test_every_figure_of_three_pictures_is_the_one_worked_out_by_hand():
    figures = per_picture(THREE, np.arange(3), np.array([0, 2, 2]))
    assert figures.predicted.tolist() == [0, 1, 2]
    assert figures.rank.tolist() == [0, 2, 0]
    assert figures.p_first.round(3).tolist() == pytest.approx([0.7, 0.5, 1.0])
    assert figures.p_second.round(3).tolist() == pytest.approx([0.2, 0.4, 0.0])
    assert figures.p_actual.round(3).tolist() == pytest.approx([0.7, 0.1, 1.0])
    assert figures.loss.tolist() == pytest.approx([-np.log(0.7), -np.log(0.1), 0.0], abs=1e-6)


def test_a_label_that_the_run_did_not_know_is_never_right_and_has_the_largest_loss():
    figures = per_picture(THREE, np.array([1]), np.array([-1]))
    assert (figures.rank[0], figures.p_actual[0]) == (3, 0)
    assert figures.loss[0] == pytest.approx(87.3, abs=0.1)


def test_only_the_rows_asked_for_are_looked_at():
    figures = per_picture(THREE, np.array([0, 2]), np.array([0, 0]))
    assert figures.predicted.tolist() == [0, 2]
    assert per_picture(THREE, np.zeros(0, int), np.zeros(0, int)).loss.tolist() == []


def test_in_blocks_as_in_one_piece_and_as_scikit_learn_says(monkeypatch):
    rng = np.random.default_rng(3)
    probabilities = rng.dirichlet(np.ones(7), 500).astype(np.float32)
    actual, rows = rng.integers(0, 7, 500), np.arange(500)
    whole = per_picture(probabilities, rows, actual)
    monkeypatch.setattr(module, "BLOCK_ROWS", 33)
    for name, values in vars(per_picture(probabilities, rows, actual)).items():
        assert (values == getattr(whole, name)).all(), name
    for k in (1, 3, 5):
        theirs = top_k_accuracy_score(actual, probabilities, k=k, labels=range(7))
        assert (whole.rank < k).mean() == pytest.approx(theirs)
    assert whole.loss.mean(dtype=np.float64) == pytest.approx(
        log_loss(actual, probabilities, labels=range(7)), rel=1e-5
    )
    assert np.sort(probabilities, axis=1)[:, -2] == pytest.approx(whole.p_second)
