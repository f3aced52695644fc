"""The filters above the grid: one row at any width, with texts that fit."""

from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import expect

WIDE, PHONE = (1440, 900), (390, 844)
ONE_ROW_PX = 50


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_the_filters_take_one_row_and_no_page_scrolls_sideways(
    app_server: Any, browser: Any, make_app_review: Any, size: tuple[int, int]
) -> None:
    review = make_app_review(60)
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.goto(f"{app_server.url}/curate?project={review.project_id}")
    row = page.locator(".st-key-filter_row")
    expect(row).to_be_visible(timeout=60_000)
    expect(row.get_by_role("button", name="All…")).to_be_attached(timeout=30_000)
    box = row.bounding_box()
    assert box is not None and box["height"] < ONE_ROW_PX
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    context.close()
