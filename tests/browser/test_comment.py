"""Notes, flags, questions and reasons said from the grid, in a real browser."""

from typing import Any

from curate.review.deciding.decisions import Op, decide
from curate.review.team import activity, notes
from tests.browser.driving import Opened, press, stored, wait_saved


def said_of(image_id: int) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in notes.of_image(image_id)]


def test_a_key_a_few_words_and_the_card_shows_that_there_is_a_note(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review, "user=ann")
    press(page, "c")
    page.wait_for_selector("dialog.comment[open]")
    assert page.locator(".comment h2").text_content().startswith("About picture ")
    page.keyboard.type("dark, k d 1")  # keys of the grid are letters here
    press(page, "Control+Enter")
    page.locator(".toast", has_text="Noted.").wait_for()
    assert said_of(review.image_ids[0]) == [("note", "dark, k d 1")]
    assert page.locator(".card >> nth=0").locator(".note[title='ann notes: “dark, k d 1”']").count() == 1
    assert [what for what, _ in stored(review)] == [None] * 18
    press(page, "k")
    wait_saved(page)
    press(page, "ArrowLeft", "c")
    page.get_by_role("button", name="Why I decided so").click()
    page.keyboard.type("the lid is metal")
    page.get_by_role("button", name="Add").click()
    page.locator(".toast", has_text="Your reason is kept.").wait_for()
    assert [row.reason for row in activity.find(review.project_id, activity.DecisionFilter())] == ["the lid is metal"]


def test_a_selection_is_flagged_at_once_and_somebody_is_asked(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    decide(review.project_id, "bea", [Op(1, (review.image_ids[9],), "keep")], "another-client")
    page = opened(review, "user=ann")
    press(page, "Shift+ArrowRight", "Shift+ArrowRight", "c")
    assert page.locator(".comment h2").text_content() == "About 3 pictures"
    page.get_by_role("button", name="Flag", exact=True).click()
    press(page, "Control+Enter")
    page.locator(".toast", has_text="Flagged.").wait_for()
    assert [said_of(image_id) for image_id in review.image_ids[:4]] == [[("flag", "")]] * 3 + [[]]
    press(page, "Escape", "c")
    page.get_by_role("button", name="Ask somebody").click()
    assert page.locator("#people option").evaluate_all("found => found.map((one) => one.value)") == ["bea"]
    press(page, "Control+Enter")
    page.locator(".comment .trouble", has_text="Say whom to ask.").wait_for()
    page.keyboard.type("bea")
    page.locator(".comment textarea").fill("A lid?")
    press(page, "Control+Enter")
    page.locator(".toast", has_text="Asked bea.").wait_for()
    assert [(one.author, one.text) for one in notes.questions_for("bea")] == [("ann", "A lid?")]


def test_words_that_could_not_be_stored_are_still_there(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review, is_routed=True)
    press(page, " ", "c")
    page.keyboard.type("look at the corner")
    page.route("**/notes", lambda route: route.abort())
    press(page, "Control+Enter")
    page.get_by_text("Not saved: there is no connection. Try again.").wait_for()
    press(page, "Escape")
    assert page.locator("dialog.enlarged[open]").count() == 1
    page.unroute("**/notes")
    press(page, "c")
    assert page.locator(".comment textarea").input_value() == "look at the corner"
    press(page, "Control+Enter")
    page.wait_for_selector(".enlarged .story li.note >> text=look at the corner")
    assert page.locator(".enlarged .story li.note .what").bounding_box()["height"] < 50  # beside, not below each other
    assert said_of(review.image_ids[0]) == [("note", "look at the corner")]


def test_a_note_is_shown_by_its_text_above_the_fold(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    notes.flag(review.project_id, [review.image_ids[0]], "bea")
    notes.ask(review.project_id, [review.image_ids[0]], "bea", "ann", "Is that a lid?")
    page = opened(review, "user=ann")
    assert page.locator(".card >> nth=0").locator(".note[title^='bea asks ann: “Is that a lid?”']").count() == 1
    press(page, " ")
    row = page.locator(".enlarged .noteRow.noted")
    assert row.inner_text() == "bea asks ann: “Is that a lid?” (and 1 more)"
    first_fact = page.locator(".enlarged .fact >> nth=0")
    assert row.bounding_box()["y"] < first_fact.bounding_box()["y"]
    page.set_viewport_size({"width": 390, "height": 800})
    shown, keys = row.bounding_box(), page.locator(".enlarged").get_by_role("button", name="Keep").bounding_box()
    assert shown["y"] + shown["height"] < keys["y"]
