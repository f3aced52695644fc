"""The Train page in a real browser: a preset taken by keyboard, a rate taken by a click on the finder's curve."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from curate.catalog import jobs as rows
from curate.training.settings.presets import STANDARD

WAIT_MS = 30_000
FOUND = {
    "rates": [1e-5, 1e-4, 1e-3, 1e-2, 1e-1],
    "losses": [2.0, 1.8, 1.0, 0.9, 1.9],
    "suggestions": {"valley": 0.00123},
}


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 1400})
    opened = context.new_page()
    opened.set_default_timeout(WAIT_MS)
    yield opened
    context.close()


def test_a_preset_by_keyboard_and_a_rate_by_a_click_both_survive_a_reload(
    page: Any, app_server: Any, make_app_review: Callable
) -> None:
    project_id = make_app_review(24).project_id
    job_id = rows.add_job("find_rate", "Find", project_id, {"config": STANDARD.to_json()}, "ann")
    rows.start(job_id)
    rows.finish(job_id, FOUND)
    page.goto(f"{app_server.url}/train?project={project_id}")
    adjust = page.locator(".st-key-adjust_thorough button")
    adjust.wait_for()
    adjust.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Begins with the preset thorough").wait_for()
    page.get_by_role("tab", name="Learning rate").click()
    rate = page.get_by_role("spinbutton", name="Learning rate")
    rate.wait_for()
    page.wait_for_function("document.querySelector('.st-key-train_learning_rate input')?.value === '0.002000'")
    click_third_point(page)
    page.get_by_text("Learning rate 0.002 → 0.001").wait_for()
    assert rate.input_value() == "0.001000"
    page.get_by_role("button", name="Valley 1.2e-03").click()
    page.get_by_text("Learning rate 0.002 → 0.0012").wait_for()
    page.reload()
    page.get_by_text("Learning rate 0.002 → 0.0012").wait_for()
    page.wait_for_function("document.querySelector('.st-key-train_learning_rate input')?.value === '0.001200'")


def click_third_point(page: Any) -> None:
    """A click on the curve's middle: 1e-3 lies half-way between 1e-5 and 1e-1 on a logarithmic axis."""
    point = page.locator(".st-key-finder .scatterlayer .trace").first.locator(".point").nth(2)
    point.wait_for()
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator(".st-key-finder .hoverlayer .hovertext").first.wait_for()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
