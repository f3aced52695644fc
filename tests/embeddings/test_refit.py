"""Refits are exact: compared with scikit-learn's kernel ridge regression, and with heads fitted from scratch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.kernel_ridge import KernelRidge

from curate.embeddings import quick_look_head, refit

N, V, C = 40, 25, 3
RNG = np.random.default_rng(0)


def points(n: int) -> np.ndarray:
    rows = RNG.normal(size=(n, 6)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


TRAIN, OTHERS = points(N), points(V)
LABELS = RNG.integers(0, C, N)


def by_scikit_learn(train: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    kernel = quick_look_head.kernel
    model = KernelRidge(alpha=quick_look_head.RIDGE, kernel="precomputed")
    model.fit(kernel(train, train).astype(float), np.eye(C)[labels] - 1 / C, sample_weight=weights)
    return model.predict(kernel(OTHERS, train).astype(float)).argmax(axis=1)


def test_a_weighted_head_is_scikit_learns():
    weights = refit.drawn_weights(np.arange(N), seed=3)
    assert np.array_equal(
        refit.predict_weighted(TRAIN, LABELS, C, weights, OTHERS), by_scikit_learn(TRAIN, LABELS, weights)
    )


def test_with_weights_of_one_it_is_the_quick_looks_own_head():
    identity, nothing = np.eye(6, dtype=np.float32), np.zeros(6, np.float32)
    head = quick_look_head.fit(nothing, identity, TRAIN, LABELS, C)
    assert np.array_equal(
        refit.predict_weighted(TRAIN, LABELS, C, np.ones(N), OTHERS), head.predict(OTHERS).argmax(axis=1)
    )


@given(st.dictionaries(st.integers(0, N - 1), st.integers(-1, C - 1), max_size=25))
def test_changed_and_left_out_images_give_the_answers_of_a_fit_from_scratch(changes):
    rows, new = np.array(list(changes), int), np.array(list(changes.values()), int)
    labels = LABELS.copy()
    labels[rows] = new
    kept = labels != refit.LEFT_OUT
    answers = refit.Refits(TRAIN, LABELS, C, OTHERS).predict(rows, new)
    assert np.array_equal(answers, by_scikit_learn(TRAIN[kept], labels[kept]))


def test_near_duplicates_are_drawn_together_and_the_mean_weight_is_one():
    weights = refit.drawn_weights(np.array([5, 9, 5, 7]), seed=1)
    assert weights[0] == weights[2] != weights[1]
    assert np.array_equal(weights, refit.drawn_weights(np.array([5, 9, 5, 7]), seed=1))
    assert refit.drawn_weights(np.arange(20_000), seed=2).mean() == pytest.approx(1, abs=0.03)
