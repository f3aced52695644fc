"""The lists of unlabelled images: what comes next, in which order, with which suggestion."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from curate.catalog.tables.core import UNLABELLED
from curate.review.deciding import decisions
from curate.review.deciding.decisions import Op
from curate.review.labelling import inbox, pages, pictures, suggestions
from curate.review.labelling.suggestions import Facts, Suggestions

pytestmark = pytest.mark.usefixtures("either_database")


@pytest.fixture
def project(make_project: Callable[..., Any]) -> Any:
    return make_project([("cats", "train"), ("dogs", "train"), *[(UNLABELLED, "")] * 5])


@pytest.fixture
def suggested(project: Any) -> list[int]:
    """Suggestions for the first four of the five unlabelled images; their ids, and that of the fifth."""
    ids, cats, dogs = project.image_ids[2:], project.label_ids["cats"], project.label_ids["dogs"]
    suggestions.write(
        project.id,
        Suggestions(
            Facts(9, 0, 12, "pixels", 0.1), np.array(ids[:4]), np.array([cats, dogs, 0, dogs]),
            np.array([0.6, 0.995, 0.0, 0.9]), np.array([0.1, 0.2, 0.9, 0.3]), np.array([2, 3, 0, 1]),
            np.array([0, 1, 0, 0]), np.array([0.2, 0.1, 0.1, 0.3]),
        ),
    )  # fmt: skip
    return ids


@pytest.mark.parametrize(
    ("order", "places"),
    [
        ("useful", [2, 3, 0, 1, 4]), ("sure", [1, 3, 0, 2, 4]), ("new", [2, 3, 1, 0, 4]), ("newest", [4, 3, 2, 1, 0]),
        ("oldest", [0, 1, 2, 3, 4]), ("alike", [2, 0, 3]),
    ],
)  # fmt: skip
def test_each_order(project: Any, suggested: list[int], order: str, places: list[int]) -> None:
    assert pages.find_left(project.id, order, 48).image_ids == [suggested[place] for place in places]


def test_a_page_of_alike_images_is_one_group_and_the_next_page_the_next(project: Any, suggested: list[int]) -> None:
    first = pages.find_left(project.id, "alike", 48)
    assert (len(first.image_ids), first.n_pages) == (3, 3)
    second = pages.find_left(project.id, "alike", 48, first.image_ids)
    assert (second.image_ids, second.n_pages) == ([suggested[1]], 2)
    last = pages.find_left(project.id, "alike", 48, [*first.image_ids, *second.image_ids])
    assert (last.image_ids, last.n_pages) == ([suggested[4]], 1)


def test_without_suggestions_images_come_as_they_came_in(project: Any) -> None:
    for order in ("useful", "alike", "sure"):
        assert pages.find_left(project.id, order, 48).image_ids == project.image_ids[2:]


def test_decided_and_shown_images_are_left_out_and_counted(project: Any) -> None:
    ids = project.image_ids[2:]
    decisions.decide(project.id, "Ada", [Op(1, (ids[0],), "relabel", project.label_ids["cats"])], "client-1")
    left = pages.find_left(project.id, "oldest", 2, [ids[1]])
    assert (left.image_ids, left.n_pages, left.n_all, left.n_decided, left.n_open) == (ids[2:4], 2, 5, 1, 4)
    decisions.decide(project.id, "Ada", [Op(2, (ids[0],), "clear")], "client-1")
    assert inbox.of_project(project.id).n_decided == 0


def test_cards_suggest_the_prediction_and_how_sure_it_is(project: Any, suggested: list[int]) -> None:
    card, bare = pages.find_cards(project.id, [suggested[1], suggested[2]])
    dogs = project.label_ids["dogs"]
    assert (card["suggestion"], card["predicted"]) == ({"action": "relabel", "label": dogs}, dogs)
    assert card["sure_text"] == "99.5 %" and card["p_predicted"] == pytest.approx(0.995)
    assert bare["predicted"] is None and bare["sure_text"] == "" and "suggestion" not in bare
    assert pages.find_cards(project.id, project.image_ids[:2]) == []


def test_what_is_learnt_from_holds_waiting_decisions_and_no_deleted_image(project: Any) -> None:
    ids, cats = project.image_ids, project.label_ids["cats"]
    ops = [Op(1, (ids[2],), "relabel", cats), Op(2, (ids[3], ids[1]), "delete"), Op(3, (ids[4],), "keep")]
    decisions.decide(project.id, "Ada", ops, "client-1")
    chosen = pictures.of_project(project.id)
    assert chosen.image_ids.tolist() == [ids[0], ids[2], *ids[4:]]
    assert chosen.label_ids.tolist() == [cats, cats, 0, 0, 0]
    assert chosen.is_unlabelled.tolist() == [False, True, True, True, True]


def test_a_damaged_file_is_no_suggestion(project: Any, suggested: list[int]) -> None:
    from curate import store

    (store.labelling_folder(project.id) / "suggestions.npz").write_bytes(b"PK")
    assert suggestions.find(project.id) is None
