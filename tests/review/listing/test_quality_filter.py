"""The grid's filter and orders by picture quality: off the index of each issue, page by page."""

import numpy as np
import pytest
from sqlalchemy import insert

from curate.catalog import database, quality
from curate.catalog.tables.quality import Quality
from curate.errors import BadInput
from curate.quality.issues import ISSUES
from curate.review.deciding.decisions import Op, decide
from curate.review.listing.pages import View, counts, find_page

DARK = (0.2, 0.9, 0.7, 0.1, 0.95, 0.5)  # of the images in id order; above 0.68 counts


@pytest.fixture
def dim(scored_project: tuple[int, int]) -> tuple[int, int]:
    """(project id, run id), with how dark each of the six images is; one is blurry."""
    project_id, run_id = scored_project
    rows = [
        {"image_id": place + 1, "project_id": project_id, **dict.fromkeys(ISSUES, 0.0), "dark": value,
         "blurry": 0.8 if place == 3 else 0.0}
        for place, value in enumerate(DARK)
    ]  # fmt: skip
    with database.writing() as session:
        session.execute(insert(Quality), rows)
    return scored_project


def ids(view: View, size: int = 48, after: str | None = None) -> list[int]:
    return [item.image_id for item in find_page(view, 1, size, after).items]


def test_the_darkest_come_first(dim: tuple[int, int]):
    assert ids(View(dim[1], "dark")) == [int(i) + 1 for i in np.argsort(DARK)[::-1]]


def test_only_those_that_have_the_issue_are_let_through_in_any_order(dim: tuple[int, int]):
    page = find_page(View(dim[1], "dark", quality="dark"))
    assert [item.image_id for item in page.items] == [5, 2, 3]
    assert (page.n_matching, page.n_all, page.n_reviewed) == (3, 3, 0)
    by_loss = find_page(View(dim[1], "loss", quality="dark")).items
    assert [item.image_id for item in by_loss] == [5, 2, 3]  # p of their labels: 0.05, 0.2, 0.4
    assert ids(View(dim[1], "right", quality="dark")) == []  # the model took none of them for its label
    assert ids(View(dim[1], "blurry", quality="blurry")) == [4]
    assert ids(View(dim[1], "loss", quality="bright")) == []


def test_where_many_have_an_issue_the_list_is_the_same_as_where_few_have(dim: tuple[int, int]):
    project_id, run_id = dim
    views = [View(run_id, sort, quality="dark") for sort in ("loss", "dark", "confident")]
    few = [ids(view) for view in views]
    quality.set_state(project_id, version_id=1, counts={"dark": 3})  # of six: now the others are walked past
    assert [ids(view) for view in views] == few
    assert few[0] == [5, 2, 3]


def test_pages_of_an_issue_follow_each_other_exactly(dim: tuple[int, int]):
    view, seen, after = View(dim[1], "dark"), [], None
    for _ in range(3):
        page = find_page(view, 1, 2, after)
        seen += [item.image_id for item in page.items]
        after = page.after
    assert seen == [5, 2, 3, 6, 1, 4]
    assert after is None


def test_decisions_are_counted_among_those_with_the_issue(dim: tuple[int, int]):
    project_id, run_id = dim
    decide(project_id, "Ada", [Op(1, (5, 1), "keep")], "client-1")
    assert counts(View(run_id, "dark", quality="dark")) == (3, 1)
    assert ids(View(run_id, "dark", quality="dark", reviewed="no")) == [2, 3]
    assert ids(View(run_id, "dark", quality="dark", reviewed="yes")) == [5]


def test_an_issue_there_is_not_is_refused(dim: tuple[int, int]):
    with pytest.raises(BadInput, match="'ugly' is not one of dark, bright"):
        find_page(View(dim[1], quality="ugly"))
