"""The quick look's head on points whose labels are plain."""

import numpy as np
import pytest

from curate.embeddings import quick_look_head
from curate.embeddings.quick_look_head import QuickHead


@pytest.fixture(scope="module")
def head() -> QuickHead:
    """Two labels, to the left and to the right of nothing; 40 images, three features."""
    return quick_look_head.fit(np.zeros(3, np.float32), np.eye(3, dtype=np.float32), points(40), labels(40), 2)


def points(n: int) -> np.ndarray:
    side = np.where(np.arange(n) % 2, 1.0, -1.0)
    return np.stack([side, *np.random.default_rng(n).normal(0, 0.1, (2, n))], axis=1).astype(np.float16)


def labels(n: int) -> np.ndarray:
    return np.arange(n) % 2


def test_new_points_get_the_label_of_their_side(head):
    found = head.predict(points(11))
    assert found.argmax(axis=1).tolist() == labels(11).tolist()
    assert found.max(axis=1).min() > 0.9
    assert found.sum(axis=1) == pytest.approx(np.ones(11), abs=1e-6)


def test_a_point_between_both_is_undecided(head):
    assert head.predict(np.array([[0, 1, 0]], np.float16))[0] == pytest.approx([0.5, 0.5], abs=0.15)


def test_scores_are_those_of_kernel_ridge_regression():
    """Worked out by hand for two points at right angles: kernel 1 on the diagonal, exp(-2) beside it, ridge 0.3."""
    two = quick_look_head.fit(np.zeros(2, np.float32), np.eye(2, dtype=np.float32), np.eye(2), np.array([0, 1]), 2)
    order = [int(place) for place in two.points.argmax(axis=1)]
    solved = 0.5 / (1.3 - np.exp(-2.0))
    assert two.solved[order] == pytest.approx(np.array([[solved, -solved], [-solved, solved]]), abs=1e-5)


def test_its_parameters_make_the_same_head_again(head):
    again = QuickHead(**head.parameters())
    assert np.array_equal(again.predict(points(9)), head.predict(points(9)))


def test_no_images_no_probabilities(head):
    assert head.predict(np.zeros((0, 3), np.float16)).shape == (0, 2)


def test_one_image_of_each_label_is_enough():
    tiny = quick_look_head.fit(
        np.zeros(1, np.float32), np.ones((1, 1), np.float32), np.array([[1.0], [-1.0]]), labels(2), 2
    )
    assert tiny.predict(np.array([[2.0]])).argmax() == 0
