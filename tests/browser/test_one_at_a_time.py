"""One picture at a time in a real browser: zoom, the model's reason, decisions that go on, and over the page's edge."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from curate import store
from curate.catalog.images import image_rows
from curate.catalog.runs import find_run
from curate.embeddings.embed import recipe_of
from curate.jobs.submit import quick_look
from curate.prediction import heat


@pytest.fixture
def alone(browser: Any, grid_server: Any, make_review: Any) -> Iterator[tuple[Any, Any]]:
    """(page, review): the first of 30 pictures, 18 a page, by itself; errors in the browser fail the test."""
    yield from one_alone(browser, grid_server, make_review, {"viewport": {"width": 1280, "height": 900}})


@pytest.fixture
def held(browser: Any, grid_server: Any, make_review: Any) -> Iterator[tuple[Any, Any]]:
    """The same on a telephone."""
    yield from one_alone(
        browser, grid_server, make_review, {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    )


def one_alone(browser: Any, grid_server: Any, make_review: Any, screen: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """What both fixtures do."""
    review = make_review(30)
    rows = image_rows(review.image_ids)
    probabilities = np.full((30, 6), 0.05)
    probabilities[:, 3] = 0.75
    np.save(store.run_folder(review.run_id) / "probabilities.npy", probabilities)
    recipe_of(quick_look.usual(review.project_id)).cache().add(
        [row.sha for row in rows], np.random.default_rng(0).normal(size=(30, 8))
    )
    label = find_run(review.run_id).label_ids.index(rival_of(review, 0))
    heat._keep(review.run_id, rows[0].sha, label, np.eye(4, dtype=np.float32))
    context = browser.new_context(**screen)
    page = context.new_page()
    page.set_default_timeout(20_000)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{grid_server.url}/?run={review.run_id}&size=18")
    page.wait_for_selector(".cards:focus .card.cursor")
    page.keyboard.press("Space")
    page.wait_for_selector(".enlarged[open] .story li")
    yield page, review
    context.close()
    assert troubles == []


def rival_of(review: Any, position: int) -> int:
    """What the run takes a picture for: every third in the order it came is taken for the label after its own."""
    own = image_rows([review.image_ids[position]])[0].label_id
    return review.label_ids[(review.label_ids.index(own) + 1) % 6]


def scale_of(page: Any) -> str:
    return page.locator("[data-zoom='fit']").text_content()


def box_of(page: Any) -> dict[str, float]:
    return page.locator(".sheet .picture").bounding_box()


def test_it_tells_the_models_reason_the_look_alikes_and_the_story(alone: tuple[Any, Any]) -> None:
    page, review = alone
    bars = page.locator(".enlarged .bars .shareRow")
    page.wait_for_selector(".enlarged .bars .shareRow >> nth=4")
    assert bars.first.locator(".name").text_content() == "paper"
    assert bars.first.locator(".number").text_content().startswith("75")
    page.wait_for_selector(".nearRow .strip img")
    assert page.locator(".nearRow").first.locator("img").count() == 4  # five of each label, less the picture itself
    assert page.locator(".enlarged .story li").all_text_contents()[0].startswith("ann brought it in under ")
    page.keyboard.press("h")
    page.wait_for_selector(".sheet .heat:not([hidden])")
    assert page.locator(".sheet .heat").bounding_box() == box_of(page)  # it lies exactly over the picture
    page.locator(".target[aria-pressed='false']").first.click()  # the other label's map would need the model
    page.wait_for_selector(".heatWords:not([hidden]) >> text=This run has no model.")
    assert page.locator(".sheet .heat").is_hidden()


def test_keys_wheel_and_drag_zoom_and_the_next_picture_is_whole_again(alone: tuple[Any, Any]) -> None:
    page, _ = alone
    whole = box_of(page)
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert scale_of(page) == "196 %"
    assert box_of(page)["width"] == pytest.approx(whole["width"] * 1.96, rel=0.01)
    page.keyboard.press("-")
    assert scale_of(page) == "140 %"
    page.keyboard.press("0")
    corner = (whole["x"] + 5, whole["y"] + 5)
    page.mouse.move(*corner)
    page.mouse.wheel(0, -800)
    enlarged = box_of(page)
    assert enlarged["width"] > 3 * whole["width"]
    page.mouse.down()
    page.mouse.move(corner[0] - 40, corner[1] - 30, steps=3)
    page.mouse.up()
    assert (enlarged["x"] - box_of(page)["x"], enlarged["y"] - box_of(page)["y"]) == pytest.approx((40, 30), abs=1)
    page.keyboard.press("ArrowRight")
    assert (scale_of(page), page.locator(".enlarged .place").text_content()) == ("100 %", "2 of 18")


def test_decisions_go_on_over_the_edge_of_the_page_and_the_story_knows_them(alone: tuple[Any, Any]) -> None:
    page, review = alone
    for _ in range(17):
        page.keyboard.press("k")
    assert page.locator(".enlarged .place").text_content() == "18 of 18"
    page.keyboard.press("d")
    page.wait_for_selector(".enlarged .place >> text=1 of 12")
    page.keyboard.press("d")
    page.wait_for_selector(".status[data-state='saved']", state="attached")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector(".enlarged .story li.delete")
    page.keyboard.press("ArrowLeft")  # back over the edge: the last picture of the page before
    page.wait_for_selector(".enlarged .place >> text=18 of 18")
    decided = [row.decision for row in image_rows(review.image_ids)]
    assert decided == ["keep"] * 17 + ["delete"] * 2 + [None] * 11


class Fingers:
    """Fingers on a page's screen, by Chromium's own touch events."""

    def __init__(self, page: Any) -> None:
        self._wire = page.context.new_cdp_session(page)

    def drag(self, *ways: tuple[tuple[float, float], tuple[float, float]]) -> None:
        """Each from one point to another, all at the same time, and up."""
        self._send("touchStart", [start for start, _ in ways])
        for step in range(1, 6):
            self._send("touchMove", [tuple(a + (b - a) * step / 5 for a, b in zip(*way, strict=True)) for way in ways])
        self._send("touchEnd", [])

    def _send(self, kind: str, points: list[Any]) -> None:
        touched = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self._wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})


def test_a_finger_swipes_to_the_next_picture_and_two_enlarge_it(held: tuple[Any, Any]) -> None:
    page, _ = held
    fingers, whole = Fingers(page), box_of(page)
    x, y = whole["x"] + whole["width"] / 2, whole["y"] + whole["height"] / 2

    def place() -> str:
        return page.locator(".enlarged .place").text_content()

    fingers.drag(((x + 100, y), (x - 100, y + 10)))
    assert place() == "2 of 18"
    fingers.drag(((x - 100, y), (x + 100, y)))
    assert (place(), box_of(page)) == ("1 of 18", whole)
    fingers.drag(((x - 20, y), (x - 60, y)), ((x + 20, y), (x + 60, y)))
    assert (place(), scale_of(page)) == ("1 of 18", "300 %")
    enlarged = box_of(page)
    assert enlarged["width"] == pytest.approx(3 * whole["width"], rel=0.01)
    fingers.drag(((x + 40, y), (x - 40, y)))  # an enlarged picture is moved, not left
    assert (place(), enlarged["x"] - box_of(page)["x"]) == ("1 of 18", pytest.approx(80, abs=1))
    fingers.drag(((x - 100, y), (x - 10, y)), ((x + 100, y), (x + 10, y)))
    assert (scale_of(page), box_of(page)) == ("100 %", whole)
