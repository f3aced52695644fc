import numpy as np
import pytest

from curate.doubts import assess as assessing
from curate.doubts import explain, heads

N, LABELS = 240, 3
WRONG = np.arange(0, N, 20)  # 12 of 240


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three clouds of 80 points in 8 dimensions; every twentieth point is filed under the next label."""
    rng = np.random.default_rng(0)
    true = np.arange(N) % LABELS
    embeddings = rng.normal(size=(N, 8)).astype(np.float32) + 7 * np.eye(8, dtype=np.float32)[true]
    given = true.copy()
    given[WRONG] = (true[WRONG] + 1) % LABELS
    return embeddings, given, true


@pytest.fixture(scope="module")
def assessment(data) -> assessing.Assessment:
    embeddings, given, _ = data
    return assessing.assess(embeddings, given, LABELS, np.zeros(N, dtype=bool))


def test_the_wrong_labels_come_first_and_the_true_ones_are_suggested(data, assessment):
    _, given, true = data
    assert set(np.argsort(-assessment.doubt)[: len(WRONG)]) == set(WRONG)
    assert np.array_equal(assessment.suggested, true)
    assert (assessment.p_suggested[WRONG] > 0.5).all()


def test_votes_and_neighbours_stand_behind_the_suggestion(assessment):
    assert assessment.n_models == heads.REPEATS + 1
    assert assessment.n_neighbours == 10
    assert (assessment.votes_for_suggested[WRONG] == assessment.n_models).all()
    assert (assessment.neighbours_for_suggested[WRONG] >= 8).all()
    words = explain.explain(
        explain.Evidence("a", "b", int(assessment.votes_for_suggested[0]), assessment.n_models, 9, 10)
    )
    assert words == "5 of 5 held-out models say *b*; 9 of 10 neighbours are *b*."


def test_every_score_is_between_0_and_1(assessment):
    for scores in (
        assessment.doubt,
        assessment.p_suggested,
        assessment.outlier,
        assessment.uncertainty,
        *assessment.reasons.values(),
    ):
        assert scores.shape == (N,)
        assert scores.min() >= 0
        assert scores.max() <= 1
    assert assessment.probabilities.sum(axis=1) == pytest.approx(np.ones(N), abs=1e-4)
