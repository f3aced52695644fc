import numpy as np
import pytest

from curate.doubts import folds, heads, kernel, logistic, neighbours, projection


def test_logistic_regression_without_features_gives_the_shares_of_the_targets():
    targets = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    result = logistic.fit(np.zeros((4, 1)), targets, penalty=1e-3)
    assert logistic.predict(np.zeros((1, 1)), result)[0] == pytest.approx([0.75, 0.25], abs=1e-3)


def test_a_refit_from_where_the_last_one_ended_ends_there_again():
    rng = np.random.default_rng(0)
    features, targets = rng.normal(size=(60, 4)), np.eye(3)[rng.integers(0, 3, 60)]
    cold = logistic.fit(features, targets, penalty=0.1, iterations=200)
    warm = logistic.fit(features, targets, penalty=0.1, start=cold, iterations=1)
    assert warm == pytest.approx(cold, abs=1e-3)


def test_a_kernel_score_is_worked_out_from_the_other_fold_alone():
    # Two orthogonal pairs; held out is the first of each. Kernel among the two seen: 1.3 and exp(-2) off the diagonal.
    features = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    cut = np.array([0, 0, 1, 1])
    targets = np.array([[0.5, 0.5], [0.5, 0.5], [1.0, 0.0], [0.0, 1.0]])
    scored = kernel.scores(kernel.prepare(features, cut), targets)
    near, far = 1.0, np.exp(-2.0)
    solved = np.linalg.solve([[1.3, far], [far, 1.3]], [0.5, -0.5])
    assert scored[0] == pytest.approx([0.5 + near * solved[0] + far * solved[1], 0.5 - solved[0] - far * solved[1]])
    assert scored[2] == pytest.approx([0.5, 0.5])  # the fold it learnt from knew nothing


def test_an_images_own_label_does_not_enter_its_first_prediction():
    rng = np.random.default_rng(1)
    embeddings, labels = rng.normal(size=(80, 6)).astype(np.float32), rng.integers(0, 2, 80)
    other = labels.copy()
    other[7] = 1 - other[7]
    plain = [heads.out_of_fold(embeddings, given, 2).plain for given in (labels, other)]
    kernels = [kernel.prepare(projection.fit(embeddings).apply(embeddings), folds.assign(80, 5, 0))] * 2
    by_kernel = [kernel.scores(one, np.eye(2)[given]) for one, given in zip(kernels, (labels, other), strict=True)]
    assert by_kernel[0][7].tolist() == by_kernel[1][7].tolist()
    assert plain[0][7] == pytest.approx(plain[1][7], abs=0.02)  # the temperature is common to all images


def test_near_duplicates_share_a_fold_and_the_rest_is_spread_evenly():
    groups = np.full(100, -1)
    groups[[3, 50, 97]] = 12
    cut = folds.assign(100, 5, 0, groups)
    assert len(set(cut[[3, 50, 97]])) == 1
    assert np.bincount(cut[groups < 0], minlength=5).min() >= 17


def test_confirmed_images_speak_for_those_that_look_like_them():
    # Twenty images filed as 0 stand beside the cloud of label 1: mistakes, unless a person says otherwise.
    rng = np.random.default_rng(2)
    middles = np.repeat([[3.0, 0.0], [-3.0, 0.0], [-3.0, 1.5]], [90, 90, 20], axis=0)
    embeddings = (middles + 0.5 * rng.normal(size=(200, 2))).astype(np.float32)
    labels = np.repeat([0, 1, 0], [90, 90, 20])
    confirmed = np.arange(200) >= 180
    free = heads.out_of_fold(embeddings, labels, 2).probabilities[180:, 0].mean()
    held = heads.out_of_fold(embeddings, labels, 2, checked=confirmed).probabilities[180:, 0].mean()
    assert held > free + 0.02


def test_few_images_and_one_label_are_no_obstacle():
    result = heads.out_of_fold(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], dtype=np.float32), np.zeros(3, int), 1)
    assert result.probabilities.tolist() == [[1.0], [1.0], [1.0]]


def test_the_head_kept_for_predicting_does_not_see_validation():
    embeddings = np.array([[1.0], [-1.0], [1.0], [-1.0]] * 10, dtype=np.float32)
    labels = np.array([0, 1, 1, 0] * 10)  # the second half of every four contradicts the first
    seen = np.array([True, True, False, False] * 10)
    result = heads.out_of_fold(embeddings, labels, 2, fit_rows=seen, checked=np.ones(40, bool))
    assert heads.predict(result, np.array([[1.0], [-1.0]])).argmax(axis=1).tolist() == [0, 1]


def test_weights_on_embeddings_say_the_same_as_the_head_on_features():
    rng = np.random.default_rng(3)
    embeddings = (rng.normal(size=(50, 7)) * [1, 2, 3, 4, 5, 6, 7] + 10).astype(np.float32)
    made = projection.fit(embeddings)
    head = rng.normal(size=(8, 3)).astype(np.float32) / 10
    weights, bias = made.unfold(head)
    there = logistic.softmax(embeddings @ weights + bias)
    assert there == pytest.approx(logistic.predict(made.apply(embeddings), head), abs=2e-3)  # features are float16


def test_features_have_a_mean_squared_length_of_100():
    embeddings = np.random.default_rng(4).normal(size=(300, 10)).astype(np.float32) * np.arange(1, 11)
    features = projection.fit(embeddings).apply(embeddings).astype(np.float64)
    assert (features**2).sum(axis=1).mean() == pytest.approx(100, rel=0.01)


def test_neighbours_are_the_same_as_by_sorting_everything():
    features = np.random.default_rng(5).normal(size=(9000, 8)).astype(np.float32)
    result = neighbours.find(features, k=5)
    unit = (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)
    cosines = unit[:40] @ unit.T
    cosines[np.arange(40), np.arange(40)] = -2
    assert np.array_equal(np.sort(result.rows[:40]), np.sort(np.argsort(-cosines, axis=1)[:, :5]))


def test_the_nearest_neighbour_has_the_most_to_say():
    near = neighbours.Neighbours(np.array([[1, 2]], dtype=np.int32), np.array([[0.9, 0.8]], dtype=np.float32))
    say = neighbours.votes(near, np.array([0, 1, 0]), 2)
    assert say[0] == pytest.approx([np.exp(-1) / (1 + np.exp(-1)), 1 / (1 + np.exp(-1))])
