"""The map in a real browser: drawn, coloured, asked about a picture; what is chosen on it comes up in the grid."""

from typing import Any

import numpy as np
import pytest

from curate.catalog import maps
from curate.catalog.maps import Map, MapFacts
from curate.review.listing import selections


@pytest.fixture
def opened(browser: Any, app_server: Any, make_app_review: Any) -> Any:
    """(page, review): a map of 30 pictures, the first half in the upper left corner, the others opposite."""
    review = make_app_review(30, doubted=True)
    ids = np.sort(np.array(review.image_ids, np.int64))
    places = np.where(np.arange(30)[:, None] < 15, [[0.05, 0.95]], [[0.95, 0.05]]) + np.arange(30)[:, None] * 0.001
    facts = MapFacts(1, 1, "drawn", "2026-01-01T00:00:00+00:00", 30, int(ids[-1]))
    maps.write(review.project_id, Map(facts, ids, places.clip(0, 1)))
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{app_server.url}/map?project={review.project_id}&run={review.run_id}")
    page.wait_for_selector(".pictureMap .legend button")
    yield page, review
    context.close()
    assert troubles == []


def test_what_is_drawn_around_on_the_map_comes_up_in_the_grid(opened: Any) -> None:
    page, review = opened
    box = page.locator(".pictureMap canvas").bounding_box()
    side = min(box["width"], box["height"]) - 48  # the unit square lies in the middle, 24 px of room around it
    left, top = box["x"] + (box["width"] - side) / 2, box["y"] + (box["height"] - side) / 2
    page.mouse.move(left + 0.055 * side, top + 0.045 * side)
    page.wait_for_selector(".pictureMap .card:not([hidden]) b >> text=picture 0")
    page.locator("[data-colour='doubt']").click()
    page.wait_for_selector(".pictureMap .legend button >> text=doubt")
    page.locator("[data-tool='box']").click()
    page.mouse.move(left - 10, top - 10)
    page.mouse.down()
    page.mouse.move(left + side / 2, top + side / 2, steps=3)
    page.mouse.up()
    assert page.locator(".chosen .words").text_content() == "15 pictures chosen"
    page.locator("[data-choose='review']").click()
    page.wait_for_selector(".cards .card")
    number = int(page.url.partition("picked=")[2].partition("&")[0])
    assert selections.image_ids(number).tolist() == sorted(review.image_ids)[:15]
    page.wait_for_selector(".bar .progress .words >> text=0 of 15 reviewed")


def test_keys_choose_and_let_go(opened: Any) -> None:
    page, _ = opened
    page.locator(".pictureMap canvas").focus()
    page.keyboard.press("a")
    assert page.locator(".chosen .words").text_content() == "30 pictures chosen"
    page.keyboard.press("Escape")
    assert page.locator(".chosen").is_hidden()
