"""Named views and picked images: kept for everybody, found again as they were."""

import numpy as np
import pytest

from curate.errors import BadInput, NotFound
from curate.review.listing import saved_views, selections
from curate.review.listing.pages import View


def test_a_view_comes_back_from_json_as_it_went():
    view = View(7, "doubt", split="valid", doubt_from=0.25, licence="", added_to="2026-11-21", text="IMG_", picked_id=3)
    assert view.to_json() == {
        "run_id": 7, "sort": "doubt", "split": "valid", "doubt_from": 0.25, "licence": "", "added_to": "2026-11-21",
        "text": "IMG_", "picked_id": 3,
    }  # fmt: skip
    assert View.from_json(view.to_json()) == view


@pytest.mark.parametrize(
    "values",
    [
        {"sort": "loss"}, {"run_id": "7"}, {"run_id": True}, {"run_id": 7, "colour": "red"},
        {"run_id": 7, "doubt_from": 1.5}, {"run_id": 7, "added_from": "21.11.2026"}, {"run_id": 7, "sort": "x"},
    ],
)  # fmt: skip
def test_json_that_is_no_view_is_refused(values):
    with pytest.raises(BadInput):
        View.from_json(values)


def test_a_named_view_is_there_for_others_and_on_another_run(scored_project):
    project_id, run_id = scored_project
    view = View(run_id, "confident", split="valid", decided_by="ann")
    saved_views.keep(project_id, " Bad ones ", view, "ann")
    (row,) = saved_views.list_views(project_id)
    assert (row.name, row.author, row.of_run(run_id)) == ("Bad ones", "ann", view)
    assert row.of_run(99) == View(99, "confident", split="valid", decided_by="ann")


def test_keeping_a_view_again_replaces_it_and_removing_it_twice_is_told(scored_project):
    project_id, run_id = scored_project
    first = saved_views.keep(project_id, "b", View(run_id), "ann")
    saved_views.keep(project_id, "A", View(run_id), "ann")
    assert saved_views.keep(project_id, "b", View(run_id, "right"), "bob") == first
    rows = saved_views.list_views(project_id)
    assert [(row.name, row.author, row.of_run(run_id).sort) for row in rows] == [
        ("A", "ann", "loss"),
        ("b", "bob", "right"),
    ]
    saved_views.remove(project_id, first)
    with pytest.raises(NotFound, match="not there any more"):
        saved_views.remove(project_id, first)


def test_picked_images_are_found_under_their_number_and_the_same_ones_have_one_number(scored_project):
    project_id, _ = scored_project
    number = selections.keep(project_id, np.array([5, 2, 5]), "Lasso", "ann")
    assert selections.image_ids(number).tolist() == [2, 5]
    assert selections.find(number) == selections.Selection(number, project_id, "Lasso", "ann", 2)
    assert selections.keep(project_id, [2, 5], "Lasso again", "bob") == number
    with pytest.raises(BadInput, match="Between 1 and"):
        selections.keep(project_id, [], "Lasso", "ann")
    with pytest.raises(NotFound, match="number 99"):
        selections.image_ids(99)
