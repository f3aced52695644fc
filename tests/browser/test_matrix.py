"""A click on the confusion matrix, in a real browser: Plotly reports none in any other."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import expect

from curate.catalog import projects
from curate.review.deciding.decisions import waiting

N_LABELS = 6
WAIT_MS = 15_000


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 1300})
    opened = context.new_page()
    opened.set_default_timeout(WAIT_MS)
    yield opened
    context.close()


@pytest.fixture
def evaluate(page: Any, app_server: Any, make_app_review: Callable) -> Any:
    """The Evaluate page on a run that takes two held-out pictures of its first label for its second."""
    review = make_app_review()
    page.goto(f"{app_server.url}/evaluate?project={review.project_id}")
    page.get_by_text("Hardest first, of all 12 pictures").wait_for()
    page.locator(".st-key-matrix .nsewdrag").wait_for()
    return page, review


def click_cell(page: Any, row: int, column: int, n_labels: int = N_LABELS) -> None:
    """Clicks on a cell; row or column `n_labels` is that of the totals."""
    area = page.locator(".st-key-matrix .nsewdrag").bounding_box()
    at = [area[side] * (place + 0.5) / (n_labels + 1) for side, place in (("width", column), ("height", row))]
    page.mouse.move(area["x"] + at[0], area["y"] + at[1])
    page.locator(".st-key-matrix .hoverlayer .hovertext").first.wait_for()
    page.mouse.click(area["x"] + at[0], area["y"] + at[1])


def test_a_click_shows_the_pictures_of_the_cell_and_the_address_keeps_it(evaluate):
    page, review = evaluate
    click_cell(page, 0, 1)
    page.get_by_text("2 pictures labelled cardboard, predicted as glass").wait_for()
    expect(page.locator("[role=gridcell]")).to_have_count(2)
    assert f"actual={review.label_ids[0]}&predicted={review.label_ids[1]}" in page.url

    click_cell(page, 3, 4)
    page.get_by_text("2 pictures labelled paper, predicted as plastic").wait_for()
    page.go_back()
    page.get_by_text("2 pictures labelled cardboard, predicted as glass").wait_for()
    page.reload()
    page.get_by_text("2 pictures labelled cardboard, predicted as glass").wait_for()


def test_on_a_narrow_page_a_click_leads_to_the_pictures(evaluate):
    page, _ = evaluate
    top = page.locator(".st-key-chosen_pictures")
    click_cell(page, 0, 1)
    page.get_by_text("2 pictures labelled cardboard, predicted as glass").wait_for()
    page.wait_for_timeout(1_000)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0  # they are beside it

    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    area = page.locator(".st-key-matrix .nsewdrag")
    area.wait_for()
    page.wait_for_timeout(1_000)
    area.scroll_into_view_if_needed()
    click_cell(page, 3, 4)
    page.get_by_text("2 pictures labelled paper, predicted as plastic").wait_for()
    page.wait_for_function("document.querySelector('.st-key-chosen_pictures').getBoundingClientRect().top < 200")
    assert top.bounding_box()["y"] >= 0


def test_a_total_shows_its_row_or_column_and_the_corner_the_diagonal(evaluate):
    page, _ = evaluate
    click_cell(page, 0, N_LABELS)
    page.get_by_text("All labelled cardboard: 2 pictures").wait_for()
    click_cell(page, N_LABELS, 1)
    page.get_by_text("All predicted as glass: 4 pictures").wait_for()
    click_cell(page, N_LABELS, N_LABELS)
    page.get_by_text("Everything right: 8 pictures").wait_for()
    expect(page.locator("[role=gridcell]")).to_have_count(8)


def test_the_pictures_of_a_cell_are_decided_beside_it(evaluate):
    page, review = evaluate
    click_cell(page, 0, 1)
    page.get_by_text("2 pictures labelled cardboard, predicted as glass").wait_for()
    expect(page.locator("[role=gridcell]")).to_have_count(2)
    page.locator("[role=gridcell]").first.click()
    page.keyboard.press("k")
    page.get_by_role("button", name="Apply 1 decision").wait_for()
    assert waiting(review.project_id).n_keep == 1
    page.get_by_text("2 pictures labelled cardboard, predicted as glass").wait_for()


def test_all_filters_for_them_are_a_click_away(evaluate):
    page, review = evaluate
    click_cell(page, 0, 1)
    page.get_by_text("2 pictures labelled cardboard, predicted as glass").wait_for()
    page.get_by_role("link", name="Open in Curate").click()
    page.wait_for_url("**/curate?**")
    parameters = dict(parse_qsl(urlsplit(page.url).query))
    filed, taken = (str(label_id) for label_id in review.label_ids[:2])
    assert parameters == {
        "project": projects.find_project(review.project_id).name, "run": str(review.run_id), "split": "valid",
        "label": filed, "predicted": taken, "sort": "loss", "reviewed": "any",
    }  # fmt: skip


def test_a_bar_of_a_cause_shows_its_errors(evaluate):
    page, review = evaluate
    page.goto(f"{page.url}&panel=why")
    bar = page.locator(".st-key-cause_bars .bars .point path").first
    bar.wait_for()
    box = bar.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + box["height"] / 2)
    page.locator(".st-key-cause_bars .hoverlayer .hovertext").first.wait_for()
    page.mouse.click(box["x"] + 5, box["y"] + box["height"] / 2)
    page.get_by_text("Errors: unexplained: 4 pictures").wait_for()
    expect(page.locator("[role=gridcell]")).to_have_count(4)
    assert "cause=unexplained" in page.url
