"""Looking for an image in a view: by part of its name or its number, on the page where it stands."""

import pytest

from curate.review.deciding.decisions import Op, decide
from curate.review.listing.find_image import Place, find_place
from curate.review.listing.pages import View, find_page


@pytest.fixture
def order(scored_project):
    """Image ids by descending loss: d2, c2, c3, d1, d3, c1 (of equal losses the newer first)."""
    return [item.image_id for item in find_page(View(scored_project[1], sort="loss")).items]


def test_an_image_is_found_on_its_page_by_name_or_number(scored_project, order):
    view = View(scored_project[1], sort="loss")
    assert find_place(view, "C3.P", 2) == Place(order[2], 2)
    assert find_place(view, f"#{order[5]}", 2) == Place(order[5], 3)
    assert find_place(view, ".png", 2) == Place(order[0], 1)
    assert [find_place(view, text, 2) for text in ("mouse", "#999", "#x", " ")] == [None] * 4


def test_what_the_views_filters_hide_is_not_found(scored_project, order):
    project_id, run_id = scored_project
    decide(project_id, "Ada", [Op(1, (order[0],), "keep")], "tab")
    assert find_place(View(run_id, sort="loss", reviewed="no"), "d2", 2) is None
    assert find_place(View(run_id, sort="loss", reviewed="no"), "c3", 2) == Place(order[2], 1)
    assert find_place(View(run_id, sort="loss", split="valid", text="c"), "3", 2) == Place(order[2], 1)
