import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from curate.evaluation import compare
from curate.evaluation.training_noise import _between_trainings, measure


def trainings(rng, k: int, n: int, share: float, seed_spread: float, steady: np.ndarray) -> np.ndarray:
    """(k, n) predictions, 0 = right: every training has an accuracy of its own around `share`.

    steady: (n,) in [0, 1], how hard each image is, the same in all trainings.
    """
    levels = np.clip(share + rng.normal(0, seed_spread, k), 0, 1)
    return (0.5 * steady + 0.5 * rng.random((k, n)) > levels[:, None]).astype(int)


def test_on_four_images_the_numbers_are_those_worked_out_by_hand():
    labels = np.zeros(4, int)
    before = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])  # right about 2 and 2; they differ in two images
    after = np.array([[0, 0, 0, 0], [0, 0, 0, 1]])  # right about 4 and 3; they differ in one
    noise = measure(before, after, labels)
    assert noise.before.accuracies == (0.5, 0.5) and noise.before.flips == 2
    assert noise.after.accuracies == (1.0, 0.75) and noise.after.flips == 1
    assert noise.difference.value == pytest.approx(0.375)
    assert noise.verdict == "4 validation images are too few to tell the two versions apart."


def test_the_variance_between_trainings_is_that_of_a_two_way_analysis_in_statsmodels():
    rng = np.random.default_rng(3)
    right = (rng.random((4, 30)) < np.array([0.5, 0.6, 0.8, 0.95])[:, None]).astype(float)
    seeds, images = np.indices(right.shape)
    table = pd.DataFrame({"right": right.ravel(), "seed": seeds.ravel(), "image": images.ravel()})
    squares = anova_lm(ols("right ~ C(seed) + C(image)", table).fit())["mean_sq"]
    expected = squares["C(seed)"] / 30 / 4, squares["Residual"] / 30 / 4
    assert _between_trainings(right) == pytest.approx(expected)


def test_equal_trainings_of_both_versions_cannot_be_told_apart():
    predicted = np.tile((np.arange(100) % 7 == 0).astype(int), (4, 1))
    noise = measure(predicted, predicted, np.zeros(100, int))
    assert noise.difference.value == 0 and not noise.is_beyond_chance
    assert (noise.before.flips, noise.before.spread[0]) == (0, noise.before.spread[1])
    assert noise.verdict.startswith("Over 4 trainings of each, validation accuracy stayed the same (−")
    assert noise.verdict.endswith("it cannot be told apart from chance and training noise.")
    assert noise.probability_better == pytest.approx(0.5)


@pytest.mark.parametrize("seed_spread", [0.0, 0.015])
def test_with_nothing_changed_the_interval_covers_zero_in_95_per_cent_where_a_single_pair_does_not(seed_spread):
    rng, n = np.random.default_rng(11), 2000
    covered, covered_by_a_pair = 0, 0
    for _ in range(400):
        steady = rng.random(n)
        before, after = (trainings(rng, 4, n, 0.6, seed_spread, steady) for _ in range(2))
        noise = measure(before, after, np.zeros(n, int))
        covered += noise.difference.low <= 0 <= noise.difference.high
        old, new = (np.stack([1 - side[0], side[0]], axis=1) for side in (before, after))
        pair = compare(np.zeros(n, int), old, new, np.arange(n), ["a", "b"]).difference
        covered_by_a_pair += pair.low <= 0 <= pair.high
    assert 0.92 <= covered / 400 <= 0.98
    if seed_spread:
        assert covered_by_a_pair / 400 < 0.8


def test_where_seeds_move_single_images_only_the_interval_is_not_too_wide():
    rng, n, covered = np.random.default_rng(13), 150, 0
    for _ in range(4000):  # +- 0.7 points of coverage; cut off at 0, the part of the seeds would make it 97 %
        before, after = (trainings(rng, 4, n, 0.6, 0.0, np.full(n, 0.5)) for _ in range(2))
        covered += not measure(before, after, np.zeros(n, int)).is_beyond_chance
    assert 0.945 <= covered / 4000 <= 0.965


def test_a_real_difference_is_covered_in_95_per_cent():
    rng, n, covered = np.random.default_rng(12), 1000, 0
    for _ in range(400):
        steady = rng.random(n)
        before, after = (trainings(rng, 4, n, share, 0.01, steady) for share in (0.6, 0.65))
        # P(0.5 a + 0.5 b <= t) = 1 - 2 (1 - t)^2 for t >= 1/2, less the mean of a quadratic over the seeds' spread
        truth = 2 * (0.4**2 - 0.35**2)
        interval = measure(before, after, np.zeros(n, int)).difference
        covered += interval.low <= truth <= interval.high
    assert 0.92 <= covered / 400 <= 0.98


def test_near_duplicates_widen_the_interval():
    before = np.zeros((4, 200), int)
    before[:, :40] = 1  # wrong in every training before, right after
    alone = measure(before, np.zeros((4, 200), int), np.zeros(200, int)).difference
    together = measure(before, np.zeros((4, 200), int), np.zeros(200, int), np.repeat(np.arange(50), 4)).difference
    assert 1.9 <= (together.high - together.low) / (alone.high - alone.low) <= 2.1  # copies of four: the root of 4


def test_near_duplicates_that_flip_together_are_covered_in_95_per_cent():
    rng, covered = np.random.default_rng(7), 0
    groups = np.repeat(np.arange(300), 3)
    for _ in range(400):
        steady = rng.random(300)
        before, after = (np.repeat(trainings(rng, 4, 300, 0.6, 0.0, steady), 3, axis=1) for _ in range(2))
        interval = measure(before, after, np.zeros(900, int), groups).difference
        covered += interval.low <= 0 <= interval.high
    assert 0.92 <= covered / 400 <= 0.98


@pytest.mark.parametrize(("n_before", "n"), [(1, 20), (2, 0)])
def test_too_little_is_refused(n_before, n):
    with pytest.raises(ValueError, match="needs two|no images"):
        measure(np.zeros((n_before, n), int), np.zeros((2, n), int), np.zeros(n, int))
