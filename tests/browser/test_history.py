"""Leaving a page right after a choice in a popover: the first click on a link of the navigation arrives."""

from collections.abc import Iterator
from typing import Any

import pytest

from curate.review.deciding.apply import apply
from curate.review.deciding.decisions import Op, decide

IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture
def review(make_app_review: Any) -> Any:
    """A project with three versions."""
    review = make_app_review(60, doubted=True)
    for number in (1, 2):
        op = Op(number, (review.image_ids[number],), "relabel", review.label_ids[number])
        decide(review.project_id, "Ada", [op], "test")
        apply(review.project_id, "Ada")
    return review


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of a browser of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def leave_for(page: Any, place: str) -> None:
    page.locator("[data-testid=stSidebar] a", has_text=place).click()
    page.get_by_role("heading", name=place, exact=True).wait_for(timeout=20_000)


def test_after_two_restores_the_first_click_on_a_link_leaves_the_page(page: Any, app_server: Any, review: Any) -> None:
    page.goto(f"{app_server.url}/history?project={review.project_id}")
    for number in (1, 3):
        page.locator(f"[class*='st-key-restore_{number}_'] button").first.click()
        page.get_by_role("button", name=f"Restore version {number}", exact=True).click()
        page.get_by_text(f"Version {number} is restored").wait_for()
    leave_for(page, "Compare")


def test_after_another_order_was_chosen_the_first_click_on_a_link_leaves_the_page(
    page: Any, app_server: Any, review: Any
) -> None:
    page.goto(f"{app_server.url}/curate?project={review.project_id}&run={review.run_id}")
    for order in ("Highest loss first", "Random wrong ones"):
        page.locator(IDLE).wait_for()  # a list opened while the page still runs may close again
        page.locator("[class*='st-key-view_chooser'] button").first.click()
        page.get_by_role("radiogroup").get_by_text(order).first.click()
        page.locator("[class*='st-key-view_chooser'] button", has_text=order).first.wait_for()
    leave_for(page, "Compare")
