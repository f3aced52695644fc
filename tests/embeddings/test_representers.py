import numpy as np
import pytest

from curate.embeddings import quick_look_head
from curate.embeddings.quick_look_head import RIDGE, SHARPNESS
from curate.embeddings.representers import Relabelling, fitted_rows, probabilities, pulls, stand_in


@pytest.fixture
def fitted():
    """(head, embeddings, labels, a new picture's embedding): 60 pictures of three labels in 8 dimensions."""
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 3, 60)
    embeddings = rng.normal(size=(60, 8)).astype(np.float32)
    embeddings[np.arange(60), labels] += 1.5
    head = quick_look_head.fit(embeddings.mean(axis=0), np.eye(8, dtype=np.float32), embeddings, labels, 3)
    return head, embeddings, labels, rng.normal(size=8).astype(np.float32)


def test_two_training_pictures_by_hand():
    # Two pictures at right angles, one of each label; the new one lies on the first: kernels 1 and exp(-2).
    embeddings, far = np.array([[1, 0], [0, 1]], np.float32), np.exp(-SHARPNESS)
    head = quick_look_head.fit(np.zeros(2, np.float32), np.eye(2, dtype=np.float32), embeddings, np.array([0, 1]), 2)
    # (K + 0.3) alpha = (0.5, -0.5) for the first label: alpha = ± 0.5 / (1.3 - exp(-2)); the second has the opposite
    alpha = 0.5 / (1 + RIDGE - far)
    of_row = dict(zip(fitted_rows(2).tolist(), pulls(head, embeddings[0], 0, 1).tolist(), strict=True))
    assert of_row[0] == pytest.approx(2 * alpha)
    assert of_row[1] == pytest.approx(-2 * alpha * far)


def test_pulls_add_up_to_the_difference_of_the_scores(fitted):
    head, _, _, new = fitted
    answer = probabilities(head, new)
    difference = np.log(answer[2] / answer[0]) / head.temperature[0]
    assert pulls(head, new, 2, 0).sum() == pytest.approx(difference, rel=1e-4)
    assert (pulls(head, new, 2, 0) == -pulls(head, new, 0, 2)).all()


@pytest.mark.parametrize("row", [0, 17, 59])
def test_relabelling_gives_the_answer_of_a_new_fit(fitted, row: int):
    head, embeddings, labels, new = fitted
    original = fitted_rows(60)[row]
    changed = labels.copy()
    changed[original] = (labels[original] + 1) % 3
    again = quick_look_head.fit(head.mean, head.matrix, embeddings, changed, 3)
    expected = quick_look_head.QuickHead(again.mean, again.matrix, again.points, again.solved, head.temperature)
    what_if = Relabelling(head, new).probabilities(row, int(labels[original]), int(changed[original]))
    assert what_if == pytest.approx(probabilities(expected, new), abs=1e-4)
    assert what_if.sum() == pytest.approx(1)


def test_a_stand_in_keeps_the_order_of_its_pictures(fitted):
    _, embeddings, labels, new = fitted
    head = stand_in(embeddings, labels, 3)
    centred = embeddings - embeddings.mean(axis=0)
    assert head.points == pytest.approx(centred / np.linalg.norm(centred, axis=1, keepdims=True), abs=1e-5)
    assert probabilities(head, new).sum() == pytest.approx(1)
