"""Sessions on pictures without a label: nobody is given another's pictures, answers label, second opinions settle."""

from collections.abc import Callable
from typing import Any

import pytest

from curate.catalog import images, projects
from curate.catalog.tables.core import UNLABELLED
from curate.errors import BadInput
from curate.review.deciding import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.labelling import pages
from curate.review.listing.views import View
from curate.review.team import batches, disagreements, members, opinions, sessions
from curate.review.team.sessions import Terms
from curate.review.team.submission import Submission


@pytest.fixture
def project(make_project: Callable[..., Any], either_database: None) -> Any:
    return make_project([("cats", "train"), ("dogs", "train"), *[(UNLABELLED, "")] * 10])


def begin(project: Any, **terms: Any) -> int:
    image_ids = pages.first(project.id, "oldest", 10)
    session_id = sessions.create_unlabelled(project.id, "ann", Terms("Heap", View(0), **terms), image_ids)
    for reviewer in ("ann", "bea", "cai"):
        members.join(session_id, reviewer)
    return session_id


def say(session_id: int, reviewer: str, image_id: int, label_id: int) -> None:
    op = Op(image_id, (image_id,), "relabel", label_id)
    opinions.take_all(sessions.project_of(session_id), [Submission(session_id, reviewer, [op], f"{reviewer}-window")])


def batch(session_id: int, reviewer: str, n: int = 4) -> list[int]:
    given = batches.take_next(session_id, reviewer, n)
    return given.image_ids if given else []


def test_two_people_are_given_different_pictures_and_their_answers_label_them(project: Any) -> None:
    session_id = begin(project)
    assert sessions.find(session_id).is_unlabelled and not sessions.find(session_id).hides_all
    hers, others = batch(session_id, "ann"), batch(session_id, "bea")
    assert (hers, others) == (project.image_ids[2:6], project.image_ids[6:10])
    for image_id in hers:
        say(session_id, "ann", image_id, project.label_ids["cats"])
    assert sessions.find(session_id).n == {"settled": 4, "open": 6}
    assert pages.first(project.id, "oldest", 10) == project.image_ids[6:]
    apply.apply(project.id, "ann")
    assert projects.find_project(project.id).n_unlabelled == 6
    assert batch(session_id, "ann") == project.image_ids[10:]


def test_second_opinions_stay_hidden_until_both_have_answered(project: Any) -> None:
    session_id, cats, dogs = begin(project, n_opinions=2), *(project.label_ids[name] for name in ("cats", "dogs"))
    [first, second] = batch(session_id, "ann", 2)
    for image_id in (first, second):
        say(session_id, "ann", image_id, cats)
    assert [row.decision for row in images.image_rows([first, second])] == [None, None]
    assert batch(session_id, "bea", 2) == [first, second]
    say(session_id, "bea", first, cats)
    say(session_id, "bea", second, dogs)
    assert [row.decision for row in images.image_rows([first, second])] == ["relabel", None]
    [disagreement] = disagreements.find(project.id)
    assert disagreement.image_id == second
    disagreements.settle(session_id, second, "cai", "relabel", dogs)
    assert [row.decision_label_id for row in images.image_rows([first, second])] == [cats, dogs]


def test_what_was_labelled_elsewhere_is_not_given_out(project: Any) -> None:
    session_id = begin(project)
    op = Op(1, tuple(project.image_ids[2:11]), "relabel", project.label_ids["dogs"])
    decide(project.id, "dan", [op], "elsewhere")
    assert batch(session_id, "ann") == project.image_ids[11:]


def test_without_such_pictures_there_is_no_session(small_project: Any) -> None:
    with pytest.raises(BadInput, match="has a label or a decision"):
        sessions.create_unlabelled(small_project.id, "ann", Terms("Heap", View(0)), [])
