"""What was seen and what of it was wrong; the gold set."""

import numpy as np
import pytest

from curate.catalog import projects, runs
from curate.review.deciding import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.listing.views import View
from curate.review.reports import confirmed_accuracy
from curate.review.reports.reviewed_so_far import find_reviewed
from curate.review.reports.stopping_estimate import find_estimate
from curate.review.team import members, opinions, sessions
from curate.review.team.sessions import Terms
from curate.review.team.submission import Submission
from tests.factories import add_doubted_run, add_pictures

PROBABILITIES = [(0.9, 0.1), (0.2, 0.8), (0.4, 0.6), (0.3, 0.7), (0.95, 0.05), (0.1, 0.9)]
DOUBT = [0.1, 0.9, 0.6, 0.2, 0.95, 0.05]


@pytest.fixture
def doubted(scored_project):
    """(project id, run id, image ids c1 to d3, {label name: id}): c2, c3 and d2 are suggested the other label."""
    project_id, _ = scored_project
    run_id = add_doubted_run(project_id, PROBABILITIES, DOUBT, {1: 1, 2: 1, 4: 0})
    image_ids = runs.training_set(project_id).image_ids.tolist()
    return project_id, run_id, image_ids, {label.name: label.id for label in projects.labels(project_id)}


def test_nothing_decided_is_nothing_reviewed(doubted):
    _, run_id, *_ = doubted
    reviewed = find_reviewed(run_id)
    assert (reviewed.n, reviewed.n_errors, reviewed.last_suggestions()) == (0, 0, (0, 0))


def test_kept_is_no_error_relabelled_and_deleted_are_in_the_order_of_deciding(doubted):
    project_id, run_id, (c1, c2, c3, _, d2, _), labels = doubted
    ops = [Op(1, (d2,), "relabel", labels["cat"]), Op(2, (c2,), "delete"), Op(3, (c3,), "keep"), Op(4, (c1,), "keep")]
    decide(project_id, "ann", ops, "client-1")
    reviewed = find_reviewed(run_id)
    assert reviewed.rows.tolist() == [4, 1, 2, 0]
    assert reviewed.is_error.tolist() == [True, True, False, False]
    assert reviewed.is_suggested.tolist() == [True, True, True, False]
    assert reviewed.doubt.tolist() == pytest.approx([0.95, 0.9, 0.6, 0.1])
    assert (reviewed.last_suggestions(), reviewed.last_suggestions(1)) == ((2, 3), (0, 1))


def test_applying_changes_nothing_and_what_is_taken_back_or_restored_was_never_seen(doubted):
    project_id, run_id, (c1, c2, _, d1, d2, _), labels = doubted
    ops = [Op(1, (d2,), "relabel", labels["cat"]), Op(2, (c2,), "delete"), Op(3, (c1, d1), "keep")]
    decide(project_id, "ann", [*ops, Op(4, (d1,), "clear")], "client-1")
    before = find_reviewed(run_id)
    apply.apply(project_id, "ann")
    after = find_reviewed(run_id)
    assert before.rows.tolist() == after.rows.tolist() == [4, 1, 0]
    assert before.is_error.tolist() == after.is_error.tolist() == [True, True, False]
    apply.restore(project_id, 1, "ann")
    assert find_reviewed(run_id).n == 1  # c1 had its label before, too, and was confirmed


def test_what_was_confirmed_before_a_run_is_no_news_about_it(doubted):
    project_id, run_id, (c1, *_), _ = doubted
    decide(project_id, "ann", [Op(1, (c1,), "keep")], "client-1")
    apply.apply(project_id, "ann")
    assert find_reviewed(run_id).n == 1
    assert find_reviewed(add_doubted_run(project_id, PROBABILITIES, DOUBT)).n == 0


def test_the_gold_set_is_what_people_confirmed_and_the_run_had_not_seen(doubted):
    project_id, run_id, (c1, _, c3, _, _, d3), _ = doubted
    assert confirmed_accuracy.accuracy(run_id)[0] == 0
    decide(project_id, "ann", [Op(1, (c1, c3, d3), "keep")], "client-1")
    assert confirmed_accuracy.accuracy(run_id)[0] == 0  # not before it is applied
    apply.apply(project_id, "ann")
    n, share = confirmed_accuracy.accuracy(run_id)
    assert (n, share.value) == (2, 0.5)  # c3 is taken for a dog, d3 too; c1 was trained on
    assert confirmed_accuracy.describe(run_id) == "50 % (9 to 91 %) on 2 checked pictures"
    assert np.isclose([share.low, share.high], [0.0945, 0.9055], atol=1e-3).all()  # Wilson, 1 of 2


def test_what_a_restore_puts_into_the_bin_was_not_found_wrong(scored_project):
    project_id, _ = scored_project  # version 1 has six images
    add_pictures(project_id, {"c4.png": ("cat", "train"), "d4.png": ("dog", "train")})
    run_id = add_doubted_run(project_id, [*PROBABILITIES, (0.9, 0.1), (0.1, 0.9)], [*DOUBT, 0.1, 0.1])
    image_ids = runs.training_set(project_id).image_ids.tolist()
    decide(project_id, "ann", [Op(1, tuple(image_ids[6:]), "keep")], "client-1")
    apply.apply(project_id, "ann")
    assert (find_reviewed(run_id).n, find_reviewed(run_id).n_errors) == (2, 0)
    apply.restore(project_id, 1, "ann")
    assert (find_reviewed(run_id).n, find_reviewed(run_id).n_errors) == (0, 0)


def test_a_waiting_keep_of_a_label_that_a_restore_took_away_says_nothing(doubted):
    project_id, _, (*_, d3), labels = doubted
    decide(project_id, "ann", [Op(1, (d3,), "relabel", labels["cat"])], "client-1")
    apply.apply(project_id, "ann")
    later = add_doubted_run(project_id, PROBABILITIES, DOUBT)  # trained with it as a cat
    decide(project_id, "ann", [Op(2, (d3,), "keep")], "client-1")
    assert (find_reviewed(later).n, find_reviewed(later).n_errors) == (1, 0)
    apply.restore(project_id, 1, "ann")
    assert (find_reviewed(later).n, find_reviewed(later).n_errors) == (0, 0)


def test_what_two_people_contradict_each_other_about_is_not_reviewed_until_it_is_settled(doubted):
    project_id, run_id, (c1, c2, *_), _ = doubted
    before = find_estimate(run_id).ahead.left
    decide(project_id, "ann", [Op(1, (c1, c2), "keep")], "ann-1")
    decide(project_id, "bea", [Op(1, (c1,), "delete")], "bea-1")
    assert find_reviewed(run_id).image_ids.tolist() == [c2]
    decide(project_id, "ann", [Op(2, (c2,), "clear")], "ann-1")
    assert find_estimate(run_id).ahead.left == before
    decide(project_id, "bea", [Op(2, (c1,), "clear")], "bea-1")
    assert find_reviewed(run_id).n == 0


def test_opinions_of_a_session_count_once_they_are_settled(doubted):
    project_id, run_id, (c1, c2, *_), labels = doubted
    session_id = sessions.create(project_id, "ann", Terms("Two", View(run_id), n_opinions=2))
    before = find_estimate(run_id).ahead.left

    def say(reviewer: str, number: int, image_id: int, action: str, label_id: int | None = None) -> None:
        members.join(session_id, reviewer)
        opinions.take(Submission(session_id, reviewer, [Op(number, (image_id,), action, label_id)], f"{reviewer}-1"))

    say("ann", 1, c1, "relabel", labels["dog"])
    assert (find_reviewed(run_id).n, find_estimate(run_id).ahead.left) == (0, before)
    apply.apply(project_id, "ann", opinions_up_to=10**9)  # takes the single opinion along
    assert find_reviewed(run_id).n_errors == 1
    say("bea", 1, c1, "keep")
    assert sessions.find(session_id).n == {"open": 5, "conflict": 1}
    assert (find_reviewed(run_id).n, find_reviewed(run_id).n_errors) == (0, 0)
    say("bea", 2, c2, "delete")
    say("ann", 2, c2, "delete")
    assert (find_reviewed(run_id).n, find_reviewed(run_id).n_errors) == (1, 1)
