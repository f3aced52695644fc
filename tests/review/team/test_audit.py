"""The random audit: what it draws, what it counts, and that its interval holds on clean and on dirty labels."""

from itertools import count
from typing import Any

import numpy as np
import pytest

from curate.catalog import images, projects, runs
from curate.errors import BadInput
from curate.evaluation import accuracy_interval, exact_interval
from curate.review.deciding import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.team import audit, batches, blind_answers, opinions, sessions
from curate.review.team.audit import ALL, VALID
from curate.review.team.submission import Submission
from tests.factories import add_pictures, add_run

CAT, DOG = (0.9, 0.1), (0.2, 0.8)
N_TRAIN, N_VALID = 6, 30
_seq = count(1)


@pytest.fixture
def run_id() -> int:
    """A run over 6 training and 30 validation pictures, all filed as cats; it takes the last ten of these for dogs."""
    project_id = projects.create_project("pets")
    add_pictures(project_id, {f"t{i}.png": ("cat", "train") for i in range(N_TRAIN)})
    add_pictures(project_id, {f"v{i}.png": ("cat", "valid") for i in range(N_VALID)})
    add_pictures(project_id, {f"x{i}.png": ("dog", "train") for i in range(2)})
    return add_run(project_id, [CAT] * (N_TRAIN + 20) + [DOG] * 12)


def answer(session_id: int, image_id: int, action: str, label: str | None = None, reviewer: str = "ann") -> None:
    project_id = sessions.find(session_id).project_id
    label_id = projects.find_label(project_id, label) if label else None
    op = Op(next(_seq), (image_id,), action, label_id)
    opinions.take(Submission(session_id, reviewer, [op], f"{reviewer}-window"))


def drawn(session_id: int, n: int = 48) -> list[int]:
    return batches.take_next(session_id, "ann", n).image_ids


def found(run_id: int, drawn_from: str = VALID) -> audit.Audit:
    result = audit.find(run_id, drawn_from)
    assert result is not None
    return result


def name_of(image_id: int) -> str:
    return images.image_rows([image_id])[0].file_name


def test_it_draws_without_repeating_from_what_it_says_in_an_order_that_tells_nothing(run_id):
    run = runs.find_run(run_id)
    first = audit.start(run, "ann", VALID, 12)
    ids = drawn(first)
    assert len(set(ids)) == 12 and all(name_of(image_id).startswith("v") for image_id in ids)
    assert ids not in (sorted(ids), sorted(ids, reverse=True))
    row = sessions.find(first)
    assert (row.name, row.drawn_from, row.n_compared, row.hides_all, row.checks) == (
        "Random audit of validation pictures, Run 1", VALID, N_VALID, True, None
    )  # fmt: skip
    assert blind_answers.hides_all(first)
    assert audit.start(run, "bea", VALID, 12) == first  # it is not done
    for image_id in ids:
        answer(first, image_id, "keep")
    second = audit.start(run, "bea", VALID, 12)
    assert second != first and not set(drawn(second)) & set(ids)
    assert sessions.find(second).name == "Random audit 2 of validation pictures, Run 1"
    every = audit.start(run, "ann", ALL, 100)
    assert len(drawn(every)) == N_TRAIN + N_VALID + 2 == found(run_id, ALL).n


def test_all_drawn_is_said_and_so_is_a_number_that_cannot_be(run_id):
    run = runs.find_run(run_id)
    with pytest.raises(BadInput, match="1 to 20,000 pictures, not 0"):
        audit.start(run, "ann", VALID, 0)
    with pytest.raises(BadInput, match="from `valid` or `all`, not 'some'"):
        audit.start(run, "ann", "some")
    session_id = audit.start(run, "ann", VALID)
    for image_id in drawn(session_id):
        answer(session_id, image_id, "keep")
    with pytest.raises(BadInput, match="all have been audited"):
        audit.start(run, "ann", VALID)


def test_wrong_labels_and_right_predictions_are_counted_on_the_answers(run_id):
    session_id = audit.start(runs.find_run(run_id), "ann", VALID)
    by_name = {name_of(image_id): image_id for image_id in drawn(session_id)}
    assert (found(run_id).n_checked, found(run_id).n_drawn, found(run_id).is_done) == (0, N_VALID, False)
    answer(session_id, by_name["v0.png"], "keep")  # filed right, predicted right
    answer(session_id, by_name["v1.png"], "relabel", "dog", "bea")  # filed wrong, predicted wrong
    answer(session_id, by_name["v29.png"], "relabel", "dog")  # filed wrong, predicted right
    answer(session_id, by_name["v28.png"], "delete")  # fits no label: filed and predicted wrong
    answer(session_id, by_name["v27.png"], "relabel", "cat")  # the filed label, chosen blind
    result = found(run_id)
    assert (result.n_checked, result.n_wrong, result.n_right, result.reviewers) == (5, 3, 2, ["ann", "bea"])
    assert (result.wrong, result.accuracy) == (exact_interval(3, 5), accuracy_interval(2, 5))
    assert result.n_wrong_in_all.value == 18  # 30 * 3 / 5
    assert result.n_wrong_in_all.low == pytest.approx(30 * exact_interval(3, 5).low)
    answer(session_id, by_name["v0.png"], "clear")
    assert found(run_id).n_checked == 4


def test_what_was_found_stays_found_after_it_was_applied_and_what_left_outside_is_named(run_id):
    project_id = runs.find_run(run_id).project_id
    session_id = audit.start(runs.find_run(run_id), "ann", VALID)
    ids = drawn(session_id)
    answer(session_id, ids[0], "relabel", "dog")
    decide(project_id, "bea", [Op(next(_seq), (ids[1],), "delete", None)], "elsewhere")
    apply.apply(project_id, "ann")
    result = found(run_id)
    assert (result.n_checked, result.n_wrong, result.n_left_out, result.n_drawn) == (1, 1, 1, N_VALID - 1)


def test_there_are_never_fewer_wrong_ones_than_were_found_nor_more_than_are_left(run_id):
    row = sessions.find(audit.start(runs.find_run(run_id), "ann", VALID))
    every = audit.Audit(row, n=30, n_drawn=30, n_checked=30, n_wrong=2, n_right=25, n_left_out=0, reviewers=[])
    assert (every.n_wrong_in_all.low, every.n_wrong_in_all.value, every.n_wrong_in_all.high) == (2, 2, 2)


@pytest.mark.parametrize("share", [0.0, 0.005, 0.05, 0.4])
def test_its_interval_holds_on_clean_and_on_dirty_labels(run_id, share):
    """2,000 audits of a hundred among 10,000, of which so many are wrong: the truth lies within in 95 % or more."""
    row: Any = sessions.find(audit.start(runs.find_run(run_id), "ann", VALID))
    n_wrong = round(10_000 * share)
    draws = np.random.default_rng(7).hypergeometric(n_wrong, 10_000 - n_wrong, 100, 2_000) if n_wrong else [0] * 100
    ends = [audit.Audit(row, 10_000, 100, 100, int(n), 0, 0, []).n_wrong_in_all for n in draws]
    assert np.mean([each.low <= n_wrong <= each.high for each in ends]) >= 0.94
