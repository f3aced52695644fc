"""The row of filters above the grid, by keys: what is chosen stays chosen, and the grid hears what comes next."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.driving import press, stored, wait_saved

FOCUS_IN_GRID = "document.activeElement?.shadowRoot?.activeElement?.classList.contains('cards')"


@pytest.fixture
def opened(browser: Any, app_server: Any, make_app_review: Any) -> Iterator[Any]:
    """(page, review): the Curate page of a project of 30 pictures under six labels, five of them metal."""
    review = make_app_review(30, doubted=True)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{app_server.url}/curate?project={review.project_id}&run={review.run_id}")
    page.wait_for_selector(".cards:focus .card.cursor", timeout=60_000)
    yield page, review
    context.close()
    assert troubles == []


def choose_metal(page: Any) -> None:
    page.locator(".st-key-filter_label input").click()
    page.get_by_role("option", name="metal").click()
    page.wait_for_selector(".bar .progress .words:text-is('0 of 5 reviewed')")
    page.wait_for_function(FOCUS_IN_GRID)


def test_after_a_filter_was_chosen_keys_reach_the_grid_and_escape_leaves_the_filter(opened: Any) -> None:
    page, review = opened
    choose_metal(page)
    press(page, "2", "Escape")
    page.wait_for_timeout(500)
    assert f"label={review.label_ids[2]}" in page.url
    wait_saved(page)
    assert [label for what, label in stored(review) if what == "relabel"] == [review.label_ids[1]]


def test_escape_closes_a_list_of_choices_and_what_is_chosen_stays(opened: Any) -> None:
    page, review = opened
    choose_metal(page)
    field = page.locator(".st-key-filter_label input")
    for typed in ("", "gla"):
        field.click()
        press(page, *typed)
        assert field.get_attribute("aria-expanded") == "true"
        press(page, "Escape")
        page.wait_for_selector(".st-key-filter_label input[aria-expanded='false']")
        page.wait_for_timeout(500)
        assert field.input_value() == "metal"
        assert f"label={review.label_ids[2]}" in page.url


def test_escape_in_a_menu_closes_first_the_list_then_the_menu(opened: Any) -> None:
    page, _ = opened
    page.get_by_role("button", name="More", exact=True).click()
    field = page.locator(".st-key-filter_predicted input")
    field.click()
    press(page, "Escape")
    page.wait_for_selector(".st-key-filter_predicted input[aria-expanded='false']")
    field.evaluate("field => field.focus()")
    press(page, "Escape")
    page.get_by_test_id("stPopoverBody").wait_for(state="detached")


def test_undo_and_redo_by_key_go_on_once_the_view_is_empty(opened: Any) -> None:
    page, review = opened
    choose_metal(page)
    page.get_by_role("button", name="All…").click()
    page.get_by_text("✓ Keep").click()
    page.get_by_role("button", name="Keep 5 pictures").click()
    page.get_by_text("Nothing waits for you").wait_for()
    page.wait_for_selector(".bar [data-command='undo']:enabled")
    press(page, "Control+z")
    page.wait_for_selector(".card >> nth=4")
    page.get_by_text("Nothing waits for you").wait_for(state="detached")
    wait_saved(page)
    assert {what for what, _ in stored(review)} == {None}
    page.mouse.click(700, 880)  # beside the cards: nothing has the focus then
    press(page, "Control+Shift+z")
    wait_saved(page)
    assert [what for what, _ in stored(review)].count("keep") == 5
