"""When to stop: what was seen, what is left, and that a seen image is not counted among those left."""

import pytest

from curate import settings
from curate.catalog import runs
from curate.review.deciding import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.reports import stopping_estimate as estimate_module
from curate.review.reports.stopping_estimate import find_estimate
from tests.factories import add_doubted_run

PROBABILITIES = [(0.9, 0.1), (0.2, 0.8), (0.4, 0.6), (0.3, 0.7), (0.95, 0.05), (0.1, 0.9)]
DOUBT = [0.1, 0.9, 0.6, 0.2, 0.95, 0.05]  # of c1, c2, c3, d1, d2, d3


@pytest.fixture
def doubted(scored_project):
    """(project id, run id, image ids)"""
    project_id, _ = scored_project
    image_ids = runs.training_set(project_id).image_ids.tolist()
    return project_id, add_doubted_run(project_id, PROBABILITIES, DOUBT), image_ids


def unseen(outlook):
    return {one.label.name: one.n_unseen for one in outlook.by_label}


def test_before_anything_is_decided_hardly_any_label_may_be_wrong(doubted):
    _, run_id, _ = doubted
    outlook = find_estimate(run_id)
    assert (outlook.ahead.n_seen, outlook.ahead.n_next, unseen(outlook)) == (0, 6, {"cat": 3, "dog": 3})
    assert (outlook.ahead.left.low, outlook.ahead.is_known) == (0, False)
    assert outlook.ahead.left.high >= round(sum(DOUBT))
    assert outlook.curve().tolist() == [[0, 0]]


def test_a_count_that_takes_long_is_true_for_a_while(doubted, monkeypatch):
    project_id, run_id, (c1, _, _, _, d2, _) = doubted
    monkeypatch.setattr(estimate_module, "LONG_S", 0.0)
    monkeypatch.setattr(estimate_module, "REST", 1e6)
    assert find_estimate(run_id).ahead.n_seen == 0
    decide(project_id, "ann", [Op(1, (d2,), "delete")], "client-1")
    assert find_estimate(run_id).ahead.n_seen == 0
    estimate_module._kept(settings.database_url(), run_id).until = 0.0
    assert find_estimate(run_id).ahead.n_seen == 1


def test_what_is_decided_is_no_longer_left_and_draws_the_curve(doubted):
    project_id, run_id, (c1, _, _, _, d2, _) = doubted
    decide(project_id, "ann", [Op(1, (d2,), "delete"), Op(2, (c1,), "keep")], "client-1")
    outlook = find_estimate(run_id)
    assert (outlook.ahead.n_seen, outlook.ahead.n_found, outlook.ahead.n_next) == (2, 1, 4)
    assert outlook.curve().tolist() == [[0, 0], [1, 1], [2, 1]]
    assert unseen(outlook) == {"cat": 2, "dog": 2}
    apply.apply(project_id, "ann")
    assert find_estimate(run_id).ahead == outlook.ahead


def test_what_was_confirmed_before_the_run_is_neither_seen_nor_left(doubted):
    project_id, _, (c1, *_) = doubted
    decide(project_id, "ann", [Op(1, (c1,), "keep")], "client-1")
    apply.apply(project_id, "ann")
    outlook = find_estimate(add_doubted_run(project_id, PROBABILITIES, DOUBT))
    assert (outlook.ahead.n_seen, unseen(outlook)) == (0, {"cat": 2, "dog": 3})
