import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from curate.evaluation import align_columns, is_scored, rescore

NAN = float("nan")


def test_losses_are_the_negative_logarithm_of_the_actual_labels_probability():
    rescored = rescore(np.array([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]]), np.array([0, 1]))
    assert rescored.losses == pytest.approx([0.3567, 1.3863], abs=1e-4)
    assert rescored.predicted.tolist() == [0, 2]
    assert rescored.p_actual.tolist() == [0.7, 0.25]


def test_changing_the_label_changes_the_loss_but_not_the_prediction():
    probabilities = np.array([[0.9, 0.1]])
    before, after = rescore(probabilities, np.array([1])), rescore(probabilities, np.array([0]))
    assert before.losses[0] > after.losses[0]
    assert before.predicted[0] == after.predicted[0] == 0


def test_a_certain_and_right_prediction_costs_nothing_and_a_certain_and_wrong_one_is_finite():
    rescored = rescore(np.array([[1.0, 0.0], [1.0, 0.0]], dtype=np.float32), np.array([0, 1]))
    assert rescored.losses[0] == 0 and not np.signbit(rescored.losses[0])
    assert rescored.losses[1] == pytest.approx(87.3365, abs=1e-3)


def test_a_label_the_run_did_not_know_is_wrong_without_a_loss():
    rescored = rescore(np.array([[0.4, 0.6, NAN], [0.4, 0.6, NAN]]), np.array([2, 1]))
    assert rescored.predicted.tolist() == [1, 1]
    assert rescored.p_actual.tolist() == [0.0, 0.6]
    assert np.isnan(rescored.losses).tolist() == [True, False]


def test_columns_follow_todays_labels_and_missing_ones_are_unknown():
    aligned = align_columns(np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]), [2, -1, 0], 3)
    assert aligned.dtype == np.float32
    np.testing.assert_array_equal(aligned, np.array([[0.5, NAN, 0.2], [0.0, NAN, 1.0]], dtype=np.float32))


def test_an_image_without_any_probability_was_not_scored():
    assert is_scored(np.array([[0.1, NAN], [NAN, NAN]])).tolist() == [True, False]


def test_losses_agree_with_those_torch_trains_with():
    torch = pytest.importorskip("torch")
    logits = torch.randn(50, 6, generator=torch.Generator().manual_seed(0)) * 5
    labels = torch.arange(50) % 6
    theirs = torch.nn.functional.cross_entropy(logits, labels, reduction="none").numpy()
    ours = rescore(torch.softmax(logits, dim=1).numpy(), labels.numpy()).losses
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@given(arrays(np.float64, (5, 4), elements=st.floats(0.01, 1)), st.lists(st.integers(0, 3), min_size=5, max_size=5))
def test_a_right_prediction_never_has_a_larger_loss_than_any_other_label(weights: np.ndarray, labels: list[int]):
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    rescored = rescore(probabilities, np.array(labels))
    assert (rescored.losses >= 0).all()
    assert (rescored.losses >= rescore(probabilities, rescored.predicted).losses).all()
