import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests

from curate.evaluation.slices import Feature, adjust, find_slices, find_together, halves, more_often

NO_GROUPS = np.arange(2_000)


def coded(values: np.ndarray, *names: str) -> Feature:
    return Feature(values.astype(np.int64), names)


@given(st.integers(0, 40), st.integers(0, 40), st.data())
def test_the_p_value_is_fishers(n: int, n_rest: int, data: st.DataObject):
    n_wrong, n_rest_wrong = data.draw(st.integers(0, n)), data.draw(st.integers(0, n_rest))
    table = [[n_wrong, n - n_wrong], [n_rest_wrong, n_rest - n_rest_wrong]]
    theirs = fisher_exact(table, alternative="greater").pvalue
    assert more_often(n, n_wrong, n_rest, n_rest_wrong) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(
    "p_values",
    [[0.2], [0.0, 1.0, 1.0], [0.04, 0.01, 0.03, 0.005], [0.5, 1e-300, 0.5, 0.0], list(np.linspace(0.2, 0, 20))],
)
def test_adjusted_p_values_are_holms(p_values: list[float]):
    theirs = multipletests(p_values, method="holm")[1]  # 20 to 600 ms a call: not for a hundred random examples
    assert adjust(np.array(p_values)).tolist() == pytest.approx(list(theirs))


def test_nothing_to_adjust_is_nothing_adjusted():
    assert adjust(np.array([])).tolist() == []


def test_near_duplicates_stay_in_one_half():
    groups = np.repeat(np.arange(50), 3)
    first = halves(groups)
    assert first.reshape(50, 3).std() > 0
    assert (first.reshape(50, 3).all(axis=1) == first.reshape(50, 3).any(axis=1)).all()
    assert first.sum() == 75
    assert halves(np.zeros(0, int)).tolist() == []


def test_a_slice_with_many_errors_holds_with_the_numbers_of_the_second_half():
    rng = np.random.default_rng(0)
    is_blurry = rng.random(2_000) < 0.1
    is_wrong = rng.random(2_000) < np.where(is_blurry, 0.4, 0.05)
    found = find_slices(is_wrong, {"Blurry": coded(is_blurry, "no", "yes")}, NO_GROUPS)
    assert [(each.feature, each.value) for each in found.held] == [("Blurry", "yes")]
    (held,) = found.held
    second = ~halves(NO_GROUPS)
    assert (held.n, held.n_wrong) == ((second & is_blurry).sum(), (second & is_blurry & is_wrong).sum())
    assert (held.n_rest, held.n_rest_wrong) == ((second & ~is_blurry).sum(), (second & ~is_blurry & is_wrong).sum())
    assert held.risk.low > 1 and held.p_value < 0.01
    assert (found.n_looked, found.n_tried) == (2, 1)


def test_of_properties_that_mean_nothing_hardly_one_holds():
    n_false = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        is_wrong = rng.random(2_000) < 0.1
        features = {f"feature {i}": coded(rng.integers(0, 4, 2_000), *"abcd") for i in range(8)}
        n_false += bool(find_slices(is_wrong, features, NO_GROUPS, seed).held)
    assert n_false <= 18  # 5 % of 200, and three standard errors more


def test_small_slices_and_unknown_values_are_left_out():
    is_wrong = np.zeros(2_000, bool)
    is_wrong[:15] = True
    codes = np.full(2_000, -1)
    codes[:15], codes[15:400] = 1, 0
    found = find_slices(is_wrong, {"Camera": coded(codes, "a", "b")}, NO_GROUPS)
    assert (found.held, found.n_looked) == ([], 0)
    assert find_slices(np.zeros(0, bool), {"Camera": coded(np.zeros(0), "a")}, np.zeros(0, int)).held == []


def test_a_slice_that_is_nearly_a_label_is_named():
    labels = np.repeat([0, 1, 2], 100)
    source = np.where(labels == 0, 0, 1)
    source[:5] = 1
    rows = find_together({"Source": coded(source, "web", "zip")}, labels, ("cats", "dogs", "cars"))
    assert [(row.value, row.label) for row in rows] == [("web", "cats")]
    assert (rows[0].of_slice, rows[0].of_label) == (1.0, 0.95)
    # (300 * 95 - 95 * 100) / sqrt(95 * 100 * 205 * 200)
    assert rows[0].phi == pytest.approx(19_000 / np.sqrt(95 * 100 * 205 * 200))
    assert find_together({"Source": coded(np.zeros(300), "zip")}, labels, ("cats", "dogs", "cars")) == []
