"""A click on the confusion matrix, in a real browser: Plotly reports none in any other."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from curate.catalog import projects

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


def click_cell(page: Any, row: int, column: int) -> None:
    area = page.locator(".st-key-matrix .nsewdrag").bounding_box()
    at = [area[side] * (place + 0.5) / N_LABELS for side, place in (("width", column), ("height", row))]
    page.mouse.move(area["x"] + at[0], area["y"] + at[1])
    page.locator(".st-key-matrix .hoverlayer .hovertext").first.wait_for()
    page.mouse.click(area["x"] + at[0], area["y"] + at[1])


def test_a_click_shows_the_pictures_of_the_cell_and_the_address_keeps_it(evaluate):
    page, review = evaluate
    click_cell(page, 0, 1)
    page.get_by_text("2 pictures labelled cardboard, predicted as glass").wait_for()
    assert page.locator(".card").count() == 2
    assert f"actual={review.label_ids[0]}&predicted={review.label_ids[1]}" in page.url

    click_cell(page, 3, 4)
    page.get_by_text("2 pictures labelled paper, predicted as plastic").wait_for()
    page.go_back()
    page.get_by_text("2 pictures labelled cardboard, predicted as glass").wait_for()
    page.reload()
    page.get_by_text("2 pictures labelled cardboard, predicted as glass").wait_for()


def test_reviewing_them_opens_the_curate_page_on_exactly_them(evaluate):
    page, review = evaluate
    click_cell(page, 0, 1)
    page.get_by_text("2 pictures labelled cardboard, predicted as glass").wait_for()
    page.get_by_role("link", name="Review these").click()
    page.wait_for_url("**/curate?**")
    parameters = dict(parse_qsl(urlsplit(page.url).query))
    filed, taken = (str(label_id) for label_id in review.label_ids[:2])
    assert parameters == {
        "project": projects.find_project(review.project_id).name, "run": str(review.run_id), "split": "valid",
        "label": filed, "predicted": taken, "sort": "loss", "reviewed": "any",
    }  # fmt: skip


def test_a_picture_is_enlarged_by_enter_and_turned_by_arrows(evaluate):
    page, _ = evaluate
    page.locator(".card").first.wait_for()
    captions = [card.get_attribute("aria-label") for card in page.locator(".card").all()]
    page.locator(".card").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".viewer p").inner_text() == captions[0]
    page.keyboard.press("ArrowRight")
    assert page.locator(".viewer p").inner_text() == captions[1]
    page.keyboard.press("Escape")
    assert not page.locator(".viewer").is_visible()
