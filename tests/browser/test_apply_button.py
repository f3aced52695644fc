"""What stands around the grid follows what its keys do: the number on Apply, and the line of the last bulk decision."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.driving import press, wait_saved
from tests.browser.test_filters import choose_metal


@pytest.fixture
def page(browser: Any, app_server: Any, make_app_review: Any) -> Iterator[Any]:
    """The Curate page of a project of 30 pictures under six labels, five of them metal."""
    review = make_app_review(30, doubted=True)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{app_server.url}/curate?project={review.project_id}&run={review.run_id}")
    page.wait_for_selector(".cards:focus .card.cursor", timeout=60_000)
    yield page
    context.close()


def test_the_number_on_apply_follows_each_decision_at_once(page: Any) -> None:
    for key, number in [("k", "1 decision"), ("d", "2 decisions"), ("Control+z", "1 decision"), ("k", "2 decisions")]:
        press(page, key)
        wait_saved(page)
        # The poll for what others decide comes every three seconds: four waits in a row would not all be so short.
        page.locator(".st-key-apply button", has_text=f"Apply {number}").wait_for(timeout=1_200)


def test_the_line_on_an_undone_bulk_decision_goes_with_the_redo(page: Any) -> None:
    choose_metal(page)
    page.get_by_role("button", name="All…").click()
    page.get_by_role("radio", name="✓ Keep").click()
    page.get_by_role("button", name="Keep 5 pictures").click()
    page.locator(".st-key-bulk_undo button").click()
    page.get_by_text("Undone: Keep 5").wait_for()
    page.locator(".st-key-apply").wait_for(state="detached")
    page.locator(".cards").focus()
    press(page, "Control+Shift+Z")
    page.locator(".st-key-apply button", has_text="Apply 5 decisions").wait_for()
    page.get_by_text("Undone: Keep 5").wait_for(state="detached")
    page.locator(".st-key-bulk_undo button").click()  # and may be undone again
    page.get_by_text("Undone: Keep 5").wait_for()
