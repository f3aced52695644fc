import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from curate.evaluation import compare, mcnemar
from curate.evaluation.many_labels import adjusted, label_p_values


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_values_are_scipys(values):
    assert adjusted(np.array(values)) == pytest.approx(false_discovery_control(values))


def test_adjusted_values_are_those_of_statsmodels_and_labels_without_a_value_do_not_count():
    values = np.random.default_rng(1).uniform(0, 0.2, 50)
    with_gaps = np.insert(values, [0, 20, 50], np.nan)
    result = adjusted(with_gaps)
    assert np.isnan(result[[0, 21, 52]]).all()
    assert result[~np.isnan(result)] == pytest.approx(multipletests(values, method="fdr_bh")[1])


def test_no_label_has_a_value_when_all_are_small():
    assert np.isnan(adjusted(np.full(3, np.nan))).all()
    assert len(adjusted(np.array([]))) == 0


def test_each_label_is_tested_on_its_own_images():
    labels = np.repeat([0, 1, 2], [12, 10, 9])
    old, new = np.ones(31, bool), np.ones(31, bool)
    old[:5] = False  # label 0: five fixed
    new[[13, 14]] = False  # label 1: two broken
    p_values = label_p_values(labels, old, new, 4, fewest=10)
    assert p_values[:2].tolist() == [mcnemar(5, 0), mcnemar(0, 2)]
    assert np.isnan(p_values[2:]).all()  # nine images are too few, none as well


def test_of_a_hundred_labels_that_changed_by_chance_hardly_one_is_called_changed():
    rng = np.random.default_rng(0)
    n_called = []
    for _ in range(20):
        labels = np.repeat(np.arange(100), 30)
        old, new = rng.random(3000) < 0.8, rng.random(3000) < 0.8
        n_called.append(int((adjusted(label_p_values(labels, old, new, 100, 10)) <= 0.05).sum()))
    assert np.mean(np.array(n_called) > 0) <= 0.15  # 5 % are promised; unadjusted every report would call some


def test_the_report_has_both_values_for_each_label():
    right, wrong = [0.9, 0.1], [0.2, 0.8]
    before = np.array([wrong] * 6 + [right] * 6 + [[0.1, 0.9]] * 3)
    after = np.array([right] * 12 + [[0.1, 0.9]] * 3)
    table = compare(np.repeat([0, 1], [12, 3]), before, after, np.arange(15), ["cat", "dog"]).labels
    assert table["p_value"].iloc[0] == table["q_value"].iloc[0] == pytest.approx(2**-6)
    assert table[["p_value", "q_value"]].iloc[1].isna().all()
