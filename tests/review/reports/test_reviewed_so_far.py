"""What was seen and what of it was wrong; the gold set."""

import numpy as np
import pytest

from curate.catalog import projects, runs
from curate.review.deciding import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.reports import confirmed_accuracy
from curate.review.reports.reviewed_so_far import find_tally
from tests.doubted import add_doubted_run

PROBABILITIES = [(0.9, 0.1), (0.2, 0.8), (0.4, 0.6), (0.3, 0.7), (0.95, 0.05), (0.1, 0.9)]
DOUBT = [0.1, 0.9, 0.6, 0.2, 0.95, 0.05]


@pytest.fixture
def doubted(scored_project):
    """(project id, run id, image ids c1 to d3, {label name: id}): c2, c3 and d2 are suggested the other label."""
    project_id, _ = scored_project
    run_id = add_doubted_run(project_id, PROBABILITIES, DOUBT, {1: 1, 2: 1, 4: 0})
    image_ids = runs.training_set(project_id).image_ids.tolist()
    return project_id, run_id, image_ids, {label.name: label.id for label in projects.labels(project_id)}


def test_nothing_decided_is_an_empty_tally(doubted):
    _, run_id, *_ = doubted
    tally = find_tally(run_id)
    assert (tally.n, tally.n_errors, tally.last_suggestions()) == (0, 0, (0, 0))


def test_kept_is_no_error_relabelled_and_deleted_are_in_the_order_of_deciding(doubted):
    project_id, run_id, (c1, c2, c3, _, d2, _), labels = doubted
    ops = [Op(1, (d2,), "relabel", labels["cat"]), Op(2, (c2,), "delete"), Op(3, (c3,), "keep"), Op(4, (c1,), "keep")]
    decide(project_id, "ann", ops, "client-1")
    tally = find_tally(run_id)
    assert tally.rows.tolist() == [4, 1, 2, 0]
    assert tally.is_error.tolist() == [True, True, False, False]
    assert tally.is_suggested.tolist() == [True, True, True, False]
    assert tally.doubt.tolist() == pytest.approx([0.95, 0.9, 0.6, 0.1])
    assert (tally.last_suggestions(), tally.last_suggestions(1)) == ((2, 3), (0, 1))


def test_applying_changes_nothing_and_what_is_taken_back_or_restored_was_never_seen(doubted):
    project_id, run_id, (c1, c2, _, d1, d2, _), labels = doubted
    ops = [Op(1, (d2,), "relabel", labels["cat"]), Op(2, (c2,), "delete"), Op(3, (c1, d1), "keep")]
    decide(project_id, "ann", [*ops, Op(4, (d1,), "clear")], "client-1")
    before = find_tally(run_id)
    apply.apply(project_id, "ann")
    after = find_tally(run_id)
    assert before.rows.tolist() == after.rows.tolist() == [4, 1, 0]
    assert before.is_error.tolist() == after.is_error.tolist() == [True, True, False]
    apply.restore(project_id, 1, "ann")
    assert find_tally(run_id).n == 1  # c1 had its label before, too, and was confirmed


def test_what_was_confirmed_before_a_run_is_no_news_about_it(doubted):
    project_id, run_id, (c1, *_), _ = doubted
    decide(project_id, "ann", [Op(1, (c1,), "keep")], "client-1")
    apply.apply(project_id, "ann")
    assert find_tally(run_id).n == 1
    assert find_tally(add_doubted_run(project_id, PROBABILITIES, DOUBT)).n == 0


def test_the_gold_set_is_what_people_confirmed_and_the_run_had_not_seen(doubted):
    project_id, run_id, (c1, _, c3, _, _, d3), _ = doubted
    assert confirmed_accuracy.accuracy(run_id)[0] == 0
    decide(project_id, "ann", [Op(1, (c1, c3, d3), "keep")], "client-1")
    assert confirmed_accuracy.accuracy(run_id)[0] == 0  # not before it is applied
    apply.apply(project_id, "ann")
    n, share = confirmed_accuracy.accuracy(run_id)
    assert (n, share.value) == (2, 0.5)  # c3 is taken for a dog, d3 too; c1 was trained on
    assert confirmed_accuracy.in_words(run_id) == "50 % (9 to 91 %) on 2 checked pictures"
    assert np.isclose([share.low, share.high], [0.0945, 0.9055], atol=1e-3).all()  # Wilson, 1 of 2
