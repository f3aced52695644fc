import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from curate.evaluation import Interval, compare, difference_interval, verdict

NAN = float("nan")
NAMES = ["cat", "dog"]


def two_runs(n_fixed: int, n_broken: int, n_right: int, n_wrong: int):
    """Compares two runs whose predictions differ on exactly so many images filed under "cat"."""
    right, wrong = [0.9, 0.1], [0.2, 0.8]
    before = np.array([wrong] * n_fixed + [right] * n_broken + [right] * n_right + [wrong] * n_wrong)
    after = np.array([right] * n_fixed + [wrong] * n_broken + [right] * n_right + [wrong] * n_wrong)
    n = len(before)
    return compare(np.zeros(n, dtype=int), before, after, np.arange(100, 100 + n), NAMES)


def test_two_runs_on_four_images_give_the_numbers_worked_out_by_hand():
    labels = np.array([0, 0, 1, 1])
    before = np.array([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.1, 0.9]])  # right, wrong, wrong, right
    after = np.array([[0.8, 0.2], [0.7, 0.3], [0.3, 0.7], [0.1, 0.9]])  # all right
    report = compare(labels, before, after, np.array([11, 12, 13, 14]), NAMES)
    assert (report.before.accuracy.value, report.after.accuracy.value, report.difference.value) == (0.5, 1.0, 0.5)
    assert (report.n, report.n_left_out, report.n_fixed, report.n_broken, report.p_value) == (4, 0, 2, 0, 0.25)
    assert report.before.matrix.tolist() == [[1, 1], [1, 1]]
    assert report.after.matrix.tolist() == [[2, 0], [0, 2]]
    assert report.before.largest_loss == pytest.approx(-np.log(0.2))
    assert report.after.mean_loss == pytest.approx(-np.log([0.8, 0.7, 0.7, 0.9]).mean())
    assert report.verdict == "4 validation images are too few to tell the two runs apart."


def test_flips_name_the_images_and_start_with_the_largest_change():
    labels = np.array([0, 0, 1])
    before = np.array([[0.2, 0.7, 0.1], [0.6, 0.4, 0.0], [0.5, 0.1, 0.4]])
    after = np.array([[0.9, 0.1, 0.0], [0.3, 0.7, 0.0], [0.4, 0.1, 0.5]])
    flips = compare(labels, before, after, np.array([7, 8, 9]), [*NAMES, "fox"]).flips
    assert flips["image"].tolist() == [7, 8, 9]
    assert flips["kind"].tolist() == ["fixed", "broken", "changed"]
    assert flips["before"].tolist() == [1, 0, 0]
    assert flips["after"].tolist() == [0, 1, 2]
    assert flips["p_before"].tolist() == [0.2, 0.6, 0.1]
    assert flips["p_after"].tolist() == [0.9, 0.3, 0.1]


def test_the_table_says_how_each_label_changed():
    table = compare(
        np.array([0, 0, 1, 1]),
        np.array([[0.9, 0.1], [0.4, 0.6], [0.1, 0.9], [0.1, 0.9]]),
        np.array([[0.9, 0.1], [0.6, 0.4], [0.1, 0.9], [0.6, 0.4]]),
        np.arange(4),
        [*NAMES],
    ).labels
    assert table["recall_before"].tolist() == [0.5, 1.0]
    assert table["recall_after"].tolist() == [1.0, 0.5]
    assert table["recall_change"].tolist() == [0.5, -0.5]
    assert table["precision_before"].tolist() == pytest.approx([1.0, 2 / 3])
    assert table["support"].tolist() == [2, 2]


def test_a_clear_improvement_is_called_more_than_chance():
    report = two_runs(n_fixed=20, n_broken=2, n_right=170, n_wrong=8)
    assert report.difference.value == pytest.approx(0.09)
    assert report.verdict == "Validation accuracy rose by 9.0 points (+4.3 to +13.5), more than chance explains."


def test_a_clear_loss_is_called_worse():
    report = two_runs(n_fixed=2, n_broken=20, n_right=170, n_wrong=8)
    assert report.verdict == "Validation accuracy fell by 9.0 points (−13.5 to −4.3), more than chance explains."


def test_a_small_change_cannot_be_told_apart_from_chance():
    report = two_runs(n_fixed=4, n_broken=2, n_right=90, n_wrong=4)
    assert report.verdict.startswith("Validation accuracy rose by 2.0 points (−")
    assert report.verdict.endswith("it cannot be told apart from chance.")


def test_as_many_fixed_as_broken_images_is_no_change():
    assert two_runs(5, 5, 80, 10).verdict.startswith("Validation accuracy stayed the same (−")


def test_two_runs_that_agree_on_every_image_are_said_to_do_so():
    report = two_runs(0, 0, 30, 5)
    assert report.verdict == "Both runs are right about exactly the same images (35 compared)."
    assert report.flips.empty and report.p_value == 1.0 and report.difference.value == 0.0


def test_without_validation_images_there_is_a_sentence_and_no_number():
    report = compare(np.array([], dtype=int), np.zeros((0, 2)), np.zeros((0, 2)), np.array([], dtype=int), NAMES)
    assert report.verdict == "There are no validation images that both runs have seen."
    assert np.isnan([report.difference.value, report.before.mean_loss, report.after.largest_loss]).all()
    assert report.labels["recall_change"].isna().all()


def test_images_that_one_run_never_scored_count_for_neither():
    before = np.array([[0.9, 0.1], [NAN, NAN], [0.9, 0.1]])
    after = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9]])
    report = compare(np.array([0, 0, 0]), before, after, np.array([1, 2, 3]), NAMES)
    assert (report.n, report.n_left_out) == (2, 1)
    assert report.flips["image"].tolist() == [3]


def test_a_label_that_only_the_new_run_knows_is_all_gain():
    before = np.array([[0.9, NAN], [0.8, NAN]])
    after = np.array([[0.9, 0.1], [0.3, 0.7]])
    report = compare(np.array([0, 1]), before, after, np.array([1, 2]), NAMES)
    assert report.labels["recall_change"].tolist() == [0.0, 1.0]
    assert report.before.largest_loss == pytest.approx(-np.log(0.9))  # the unknown label has no loss
    assert report.flips.iloc[0].to_dict() == {
        "image": 2, "label": 1, "before": 0, "after": 1, "kind": "fixed", "p_before": 0.0, "p_after": 0.7
    }  # fmt: skip


def test_the_verdict_follows_from_the_interval_it_shows():
    assert "(+0.1 to +4.0), more than chance" in verdict(500, 12, 4, Interval(0.02, 0.001, 0.04))
    assert "(0.000 to +4.000): it cannot be told apart from chance" in verdict(500, 12, 4, Interval(0.02, 0.0, 0.04))
    assert "(−4.0 to −0.1), more than chance" in verdict(500, 4, 12, Interval(-0.02, -0.04, -0.001))
    # 5 of 25 fixed: the bootstrap said (+4.0 to +36.0), the exact test p = 0.0625, and the verdict "chance"
    small = two_runs(n_fixed=5, n_broken=0, n_right=14, n_wrong=6)
    assert small.verdict == "Validation accuracy rose by 20.0 points (+0.6 to +36.4), more than chance explains."


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 2_000))
def test_no_verdict_contradicts_the_ends_it_names(n_fixed: int, n_broken: int, n_rest: int):
    n = n_fixed + n_broken + n_rest
    sentence = verdict(n, n_fixed, n_broken, difference_interval(n_fixed, n_broken, n))
    if ends := re.search(r"\((\S+) to (\S+)\)", sentence):
        low, high = (float(end.replace("−", "-")) for end in ends.groups())
        assert ("more than chance" in sentence) == (low > 0 or high < 0)


def test_ends_near_zero_are_not_rounded_to_it():
    sentence = verdict(900_000, 500, 400, Interval(0.0004, 0.0001, 0.0007))
    assert sentence == "Validation accuracy rose by 0.04 points (+0.01 to +0.07), more than chance explains."


def test_a_million_images_are_compared_like_ten():
    n = 1_000_000
    rng = np.random.default_rng(0)
    before, after = rng.random((n, 2), dtype=np.float32), rng.random((n, 2), dtype=np.float32)
    report = compare(rng.integers(0, 2, n), before, after, np.arange(n), NAMES)
    assert report.difference.low < report.difference.value < report.difference.high
    assert report.difference.high - report.difference.low < 0.01


cases = st.integers(2, 4).flatmap(
    lambda c: st.integers(1, 12).flatmap(
        lambda n: st.tuples(
            arrays(np.int64, n, elements=st.integers(0, c - 1)),
            arrays(np.float64, (n, c), elements=st.floats(0, 1)),
            arrays(np.float64, (n, c), elements=st.floats(0, 1)),
        )
    )
)


@given(cases)
def test_the_parts_of_a_report_always_add_up(case: tuple[np.ndarray, np.ndarray, np.ndarray]):
    labels, before, after = case
    names = [str(i) for i in range(before.shape[1])]
    report = compare(labels, before, after, np.arange(len(labels)), names)
    swapped = compare(labels, after, before, np.arange(len(labels)), names)
    kinds = report.flips["kind"].value_counts()
    assert (kinds.get("fixed", 0), kinds.get("broken", 0)) == (report.n_fixed, report.n_broken)
    assert report.difference.value == pytest.approx(report.after.accuracy.value - report.before.accuracy.value)
    assert report.before.matrix.sum(axis=1).tolist() == report.after.matrix.sum(axis=1).tolist()
    assert report.labels["support"].sum() == report.n == len(labels)
    assert (swapped.n_fixed, swapped.p_value) == (report.n_broken, report.p_value)
