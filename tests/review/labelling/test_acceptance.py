"""Accepting in bulk: only after a random forty is checked, with the share of wrong ones that these say."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from curate.catalog import images
from curate.catalog.tables.core import UNLABELLED
from curate.errors import BadInput, NotFound
from curate.review.deciding import apply, decisions, undo
from curate.review.deciding.decisions import Op
from curate.review.labelling import acceptance, suggestions
from curate.review.labelling.suggestions import Facts, Suggestions

pytestmark = pytest.mark.usefixtures("either_database")
N = 60


@pytest.fixture
def project(make_project: Callable[..., Any]) -> Any:
    """60 unlabelled images, all predicted to be cats, the first five less surely."""
    made = make_project([("cats", "train"), ("dogs", "train"), *[(UNLABELLED, "")] * N])
    ids, nothing = np.array(made.image_ids[2:]), np.zeros(N)
    p = np.where(np.arange(N) < 5, 0.9, 0.995)
    cats = np.full(N, made.label_ids["cats"])
    suggestions.write(
        made.id, Suggestions(Facts(1, 0, 12, "pixels", 0.1), ids, cats, p, nothing, np.arange(N), cats * 0, nothing)
    )
    return made


def decide(project: Any, image_ids: list[int], label: str, client: str) -> None:
    op = Op(1, tuple(image_ids), "relabel", project.label_ids[label])
    decisions.decide(project.id, "Ada", [op], client)


def test_counts_by_threshold(project: Any) -> None:
    assert acceptance.counts(project.id) == {0.99: 55, 0.98: 55, 0.95: 55, 0.9: 60, 0.8: 60}


def test_nothing_is_accepted_before_forty_are_checked(project: Any) -> None:
    drawn = acceptance.draw(project.id, 0.99)
    assert len(drawn.sample) == 40 and len(set(drawn.image_ids.tolist())) == 55
    assert acceptance.find(project.id, drawn.key).sample == drawn.sample
    decide(project, drawn.sample[:39], "cats", "client-1")
    with pytest.raises(BadInput, match="39 of 40 are checked"):
        acceptance.carry_out(drawn, "Ada")


def test_the_rest_is_accepted_with_its_estimate_and_is_not_confirmed(project: Any) -> None:
    drawn = acceptance.draw(project.id, 0.99)
    decide(project, drawn.sample[:39], "cats", "client-1")
    decide(project, drawn.sample[39:], "dogs", "client-2")
    checked = acceptance.check(drawn)
    assert (checked.n, checked.n_checked, checked.n_wrong, checked.n_rest) == (55, 40, 1, 15)
    assert (checked.wrong.low, checked.wrong.high) == pytest.approx((0.000633, 0.131586), abs=1e-6)
    assert acceptance.carry_out(drawn, "Ada") == 15
    step = undo.list_steps(project.id, "Ada")[0]
    assert step.n_images == 15
    assert step.name.startswith("Accept 15 above 99 %. 1 of 40 checked was wrong: between 0.1 % and 13")
    assert acceptance.check(drawn).n_rest == 0
    apply.apply(project.id, "Ada")
    rows = {row.id: row for row in images.image_rows(drawn.image_ids.tolist())}
    assert all(rows[image_id].checked_at is not None for image_id in drawn.sample)
    others = [rows[image_id] for image_id in drawn.image_ids.tolist()[40:]]
    assert {(row.checked_at, row.label_id, row.state) for row in others} == {
        (None, project.label_ids["cats"], "active")
    }
    assert acceptance.check(drawn).n_wrong == 1  # the same once it is applied


def test_undone_and_done_again_it_is_still_unconfirmed(project: Any) -> None:
    drawn = acceptance.draw(project.id, 0.99)
    decide(project, drawn.sample, "cats", "client-1")
    acceptance.carry_out(drawn, "Ada")
    assert undo.undo(project.id, "Ada").n_changed == 15
    assert undo.redo(project.id, "Ada").n_changed == 15
    apply.apply(project.id, "Ada")
    rows = images.image_rows(drawn.image_ids.tolist()[40:])
    assert {row.checked_at for row in rows} == {None}


def test_what_was_decided_meanwhile_is_left_alone(project: Any) -> None:
    drawn = acceptance.draw(project.id, 0.99)
    decide(project, drawn.sample, "cats", "client-1")
    decide(project, drawn.image_ids.tolist()[40:42], "dogs", "client-2")
    assert acceptance.carry_out(drawn, "Ada") == 13


def test_a_check_that_is_gone_and_a_threshold_that_nothing_reaches(project: Any) -> None:
    for key in ("../../secret", "0" * 16):
        with pytest.raises(NotFound):
            acceptance.find(project.id, key)
    with pytest.raises(BadInput, match="No suggestion is that sure"):
        acceptance.draw(project.id, 0.999)
