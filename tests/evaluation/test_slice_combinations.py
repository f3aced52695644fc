from itertools import combinations, product

import numpy as np
import pytest

from curate.evaluation.slice_combinations import MOST_TRIED, _Rank, find_combinations, search
from curate.evaluation.slices import FEWEST, Feature, halves

N = 4_000
ALONE = np.arange(N)


def features_of(codes: list[np.ndarray]) -> dict[str, Feature]:
    return {f"f{place}": Feature(each, tuple("abcd")) for place, each in enumerate(codes)}


def test_of_errors_in_a_combination_it_alone_holds_with_the_numbers_of_the_second_half():
    rng = np.random.default_rng(0)
    codes = [rng.integers(0, 4, N) for _ in range(5)]
    is_in = (codes[1] == 2) & (codes[3] == 0)
    is_wrong = rng.random(N) < np.where(is_in, 0.5, 0.1)
    found = find_combinations(is_wrong, features_of(codes), ALONE)
    assert [each.parts for each in found.held] == [(("f1", "c"), ("f3", "a"))]
    (held,) = found.held
    second = ~halves(ALONE)
    assert (held.n, held.n_wrong) == ((is_in & second).sum(), (is_in & second & is_wrong).sum())
    assert (held.n_rest, held.n_rest_wrong) == ((~is_in & second).sum(), (~is_in & second & is_wrong).sum())
    assert held.risk.low > 3 and held.p_value < 1e-6
    assert found.n_looked > found.n_tried >= 1


def test_where_one_slice_explains_all_no_combination_with_it_holds():
    rng, n_false = np.random.default_rng(1), 0
    for seed in range(30):
        codes = [rng.integers(0, 4, 2_000) for _ in range(4)]
        is_wrong = rng.random(2_000) < np.where(codes[0] == 0, 0.5, 0.05)
        n_false += bool(find_combinations(is_wrong, features_of(codes), np.arange(2_000), seed).held)
    assert n_false <= 4  # 5 % of 30, and two standard errors; against the rest alone nearly all would hold


def test_without_a_combination_any_holds_in_at_most_one_of_twenty():
    rng = np.random.default_rng(2)
    n_false = 0
    for seed in range(60):
        codes = [rng.integers(0, 3, 800) for _ in range(5)]
        n_false += bool(find_combinations(rng.random(800) < 0.2, features_of(codes), np.arange(800), seed).held)
    assert n_false <= 6  # 5 % of 60, and three standard errors


@pytest.mark.parametrize("seed", range(5))
def test_what_is_pruned_would_not_have_been_among_the_best(seed):
    rng = np.random.default_rng(seed)
    codes = [rng.integers(-1, 4, 600) for _ in range(5)]
    is_wrong = rng.random(600) < np.where((codes[0] == 1) & (codes[2] == 1), 0.7, 0.15)
    rank = _Rank(600, int(is_wrong.sum()), MOST_TRIED)
    scores = {}
    for size in (2, 3):
        for places in combinations(range(5), size):
            for values in product(range(4), repeat=size):
                is_in = np.all([codes[place] == value for place, value in zip(places, values, strict=True)], axis=0)
                if is_in.sum() >= FEWEST:
                    parts = tuple(zip(places, values, strict=True))
                    scores[parts] = rank.score(int(is_in.sum()), int((is_in & is_wrong).sum()))
    best = sorted((one for one in scores.items() if one[1] > 0), key=lambda one: (-one[1], one[0]))[:MOST_TRIED]
    n_looked, combined = search(codes, is_wrong)
    assert [scores[parts] for parts in combined] == pytest.approx([score for _, score in best])
    assert 0 < n_looked <= len(scores)


def test_a_score_is_that_of_the_paper():
    # 40 of 400 are wrong, 10 of 20 in the slice: 0.95 * (0.5 / 0.1 - 1) - 0.05 * (400 / 20 - 1)
    assert _Rank(400, 40, 1).score(20, 10) == pytest.approx(0.95 * 4 - 0.05 * 19)


def test_nothing_wrong_and_nothing_known_have_no_combinations():
    codes = [np.full(100, -1), np.zeros(100, np.int64)]
    assert find_combinations(np.ones(100, bool), features_of(codes), np.arange(100)).held == []
    assert find_combinations(np.zeros(100, bool), features_of(codes), np.arange(100)).n_looked == 0
    assert find_combinations(np.zeros(0, bool), {}, np.zeros(0, np.int64)).n_tried == 0
