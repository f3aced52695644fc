"""Undo, redo and selections in a real browser: two hundred pictures by keyboard alone, and a network that goes away."""

import re
from typing import Any

from curate.catalog.images import image_rows
from curate.catalog.projects import labels
from curate.review.deciding import undo
from curate.review.deciding.apply import apply
from curate.review.deciding.decisions import Op, decide
from tests.browser.driving import Opened, cursor, decided_cards, press, stored, wait_saved


def undone(page: Any, name: str) -> None:
    page.get_by_text(f"Undone: {name}").first.wait_for()


def test_two_hundred_pictures_by_keyboard_alone_twenty_undone_ten_redone(make_review: Any, opened: Opened) -> None:
    review = make_review(200)
    page = opened(review, "size=96")
    keys = ["k", "d", "2", "u", "k"]  # what is undecided already stays so: nothing to undo
    pressed = (keys * 40)[:200]
    for start in range(0, 200, 96):
        press(page, *pressed[start : start + 96])
        if start < 192:
            press(page, "n")
            page.wait_for_selector(f".pages .words:text-is('{start // 96 + 2} of 3')")
    wait_saved(page)
    glass = review.label_ids[1]
    filed = [row.label_id for row in image_rows(review.image_ids)]
    meanings = {"k": ("keep", None), "d": ("delete", None), "u": (None, None), "2": ("relabel", glass)}
    meant = [meanings[key] for key in pressed]
    for i, label in enumerate(filed):
        if (pressed[i], label) == ("2", glass):
            meant[i] = ("keep", None)
    assert stored(review) == meant
    press(page, *["Control+z"] * 20)
    wait_saved(page)
    decided = [i for i, (what, _) in enumerate(meant) if what]
    without = [(None, None) if i in decided[-20:] else one for i, one in enumerate(meant)]
    assert stored(review) == without
    press(page, *["Control+Shift+z"] * 10)
    wait_saved(page)
    again = [(None, None) if i in decided[-10:] else one for i, one in enumerate(meant)]
    assert stored(review) == again
    done = undo.list_steps(review.project_id, "ann", 500)
    assert (len(done), sum(step.is_undone for step in done)) == (160, 10)


def test_a_later_visit_undoes_and_redoes_what_an_earlier_one_did(make_review: Any, opened: Opened) -> None:
    review = make_review(30)
    page = opened(review, "size=10")
    press(page, "a", "d")
    press(page, "ArrowRight", "2")
    wait_saved(page)
    page.reload()
    page.wait_for_selector("[data-command='undo']:enabled")
    name = f"Relabel {image_rows(review.image_ids)[1].file_name} to glass"
    assert page.locator(".bar [data-command='undo']").get_attribute("aria-label") == f"Undo: {name}"
    press(page, "n")
    page.wait_for_selector(".pages .words:text-is('2 of 3')")
    press(page, "Control+z")
    undone(page, name)
    press(page, "Control+z")
    undone(page, "Delete 10")
    wait_saved(page)
    assert stored(review)[:11] == [(None, None)] * 11
    press(page, "Control+Shift+z")
    page.get_by_text("Done again: Delete 10.").first.wait_for()
    wait_saved(page)
    assert [what for what, _ in stored(review)[:11]] == ["delete"] * 10 + [None]


def test_what_was_done_beside_the_grid_is_undone_by_the_same_keys(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    press(page, "k")
    wait_saved(page)
    bulk = Op(1, tuple(review.image_ids[5:8]), "delete", step_name="Delete 3 that match")
    decide(review.project_id, "ann", [bulk], "another button")
    page.wait_for_selector(".bar [data-command='undo'][aria-label='Undo: Delete 3 that match']")
    press(page, "Control+z")
    undone(page, "Delete 3 that match")
    wait_saved(page)
    assert [what for what, _ in stored(review)[:8]] == ["keep"] + [None] * 7


def test_a_step_that_is_not_the_newest_is_undone_from_the_list(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    press(page, "k", "d", "k")
    wait_saved(page)
    page.locator("[popovertarget='steps-menu']").click()
    names = page.locator(".stepsMenu .name")
    names.nth(2).wait_for()
    files = [row.file_name for row in image_rows(review.image_ids[:3])]
    assert names.all_text_contents() == [f"Keep {files[2]}", f"Delete {files[1]}", f"Keep {files[0]}"]
    page.locator(".stepsMenu li").nth(1).get_by_role("button").click()
    wait_saved(page)
    assert [what for what, _ in stored(review)[:3]] == ["keep", None, "keep"]
    page.locator(".stepsMenu li.undone").get_by_role("button").click()
    wait_saved(page)
    assert [what for what, _ in stored(review)[:3]] == ["keep", "delete", "keep"]
    press(page, "Escape")
    assert page.locator(".stepsMenu").is_hidden()


def test_what_is_in_a_version_is_not_undone_and_stays_the_next(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    press(page, "k")
    wait_saved(page)
    apply(review.project_id, "bea")
    page.wait_for_selector(".card[data-decision='none'] .note")  # the cards tell of the new version by themselves
    press(page, "Control+z")
    page.get_by_text("is in a version by now: History brings earlier versions back.").first.wait_for()
    assert page.locator(".bar [data-command='undo']").is_enabled()
    assert page.locator(".bar [data-command='redo']").is_disabled()


def test_a_rectangle_selects_what_it_touches_and_control_adds(make_review: Any, opened: Opened) -> None:
    review = make_review(24)
    page = opened(review)

    def drag(first: int, last: int) -> None:
        start, end = (page.locator(".card").nth(i).bounding_box() for i in (first, last))
        page.mouse.move(start["x"] + 30, start["y"] + 30)
        page.mouse.down()
        page.mouse.move(end["x"] + 20, end["y"] + 20, steps=4)
        page.wait_for_selector(".marquee")
        page.evaluate("new Promise(requestAnimationFrame)")
        page.mouse.up()

    n_columns = page.eval_on_selector(".row", "row => row.children.length")
    drag(0, n_columns + 1)
    assert page.locator(".chosen .words").text_content() == "4 selected"
    page.keyboard.down("Control")
    drag(3, 4)
    page.keyboard.up("Control")
    press(page, "d")
    wait_saved(page)
    expected = {0, 1, n_columns, n_columns + 1, 3, 4}
    assert {i for i, (what, _) in enumerate(stored(review)) if what == "delete"} == expected
    press(page, "Home", "x", "i", "k")
    wait_saved(page)
    assert [what for what, _ in stored(review)] == ["delete"] + ["keep"] * 23
    assert [step.name for step in undo.list_steps(review.project_id, "ann")] == ["Keep 23", "Delete 6"]


def test_labels_get_the_keys_of_ones_choice_for_everybody(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    page.locator(".bar [data-command='setKeys']").click()
    press(page, "q", "Tab", "d")
    assert page.locator(".labelKeys .trouble").text_content() == "“d” means something else in the grid already."
    press(page, "q")
    assert page.locator(".labelKeys .trouble").text_content() == "“q” belonged to cardboard, which has no key now."
    page.locator(".labelKeys [data-save]").click()
    page.get_by_text("The keys are set").first.wait_for()
    press(page, "q", "2", "3")
    wait_saved(page)
    glass, metal = review.label_ids[1:3]
    filed = [row.label_id for row in image_rows(review.image_ids[:2])]
    meant = [("relabel", glass), ("relabel", metal)]
    assert not {glass, metal} & set(filed)
    assert stored(review)[:3] == [*meant, (None, None)]
    assert [label.key for label in labels(review.project_id)] == [None, "q", "3", "4", "5", "6"]
    page.reload()
    page.wait_for_selector(".bar .chip kbd:text-is('q')")


def test_one_goes_to_a_page_or_an_image_by_its_name(make_review: Any, opened: Opened) -> None:
    review = make_review(30)
    page = opened(review, "size=10")
    press(page, "g", "3", "Enter")
    page.wait_for_selector(".pages .words:text-is('3 of 3')")
    press(page, "g")
    page.keyboard.insert_text("9")
    press(page, "Enter")
    assert page.locator(".jump .rest").text_content() == "There is no page 9: they go from 1 to 3."
    name = image_rows([review.image_ids[14]])[0].file_name
    page.locator(".jump input").fill(name.upper())
    press(page, "Enter")
    page.wait_for_selector(".pages .words:text-is('2 of 3')")
    page.wait_for_function("document.querySelector('[data-testid]') !== null")
    assert cursor(page) == 4
    press(page, "g")
    page.keyboard.insert_text("no such picture")
    press(page, "Enter")
    page.get_by_text("No picture is “no such picture”.").first.wait_for()
    assert page.locator(".pages .words").text_content() == "2 of 3"


def test_the_size_of_the_pictures_is_remembered(make_review: Any, opened: Opened) -> None:
    page = opened(make_review(18))
    before = page.eval_on_selector(".row", "row => row.children.length")
    page.locator("[popovertarget='view-menu']").click()
    page.locator("[data-slider='width']").fill("420")
    press(page, "Escape")
    assert page.eval_on_selector(".row", "row => row.children.length") == 2 < before
    page.reload()
    page.wait_for_selector(".card.cursor")
    assert page.eval_on_selector(".row", "row => row.children.length") == 2
    assert page.locator(".card img").first.get_attribute("src").endswith("/view")  # a thumbnail would be blurred


def test_at_the_end_of_a_page_the_next_one_comes_by_itself_when_wished(make_review: Any, opened: Opened) -> None:
    review = make_review(30)
    page = opened(review, "size=10")
    page.locator("[popovertarget='view-menu']").click()
    page.locator(".viewMenu button:has-text('turn the page')").click()
    press(page, "Escape", *["k"] * 10)
    page.wait_for_selector(".pages .words:text-is('2 of 3')")
    press(page, "d")
    wait_saved(page)
    assert [what for what, _ in stored(review)[:11]] == ["keep"] * 10 + ["delete"]


def test_a_resting_finger_begins_to_select(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review, has_touch=True)
    page.set_viewport_size({"width": 390, "height": 844})
    box = page.locator(".card").nth(1).bounding_box()
    finger = page.context.new_cdp_session(page)
    point = {"x": box["x"] + 40, "y": box["y"] + 40}
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    page.wait_for_selector(".card.selected")
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.locator(".card").nth(2).tap()
    page.locator(".dock [data-command='keep']").tap()
    wait_saved(page)
    page.locator(".extras [data-command='undo']").tap()
    wait_saved(page)
    page.locator(".extras [data-command='redo']").tap()
    wait_saved(page)
    assert [what for what, _ in stored(review)[:4]] == [None, "keep", "keep", None]


def test_a_network_that_goes_away_loses_neither_decisions_nor_what_was_undone(make_review: Any, opened: Opened) -> None:
    review = make_review(60)
    page = opened(review, "size=100")
    press(page, *["k"] * 5)
    wait_saved(page)

    page.evaluate(
        """() => {
            window.reallyFetch = window.fetch;
            window.fetch = async (...asked) => { await reallyFetch(...asked); throw new TypeError("cut"); };
        }"""
    )  # what is sent arrives, but nobody hears of it
    press(page, *["d"] * 5)
    page.wait_for_selector(".status[data-state='offline']")
    page.context.set_offline(True)
    page.evaluate("() => { window.fetch = window.reallyFetch; }")
    press(page, *["d"] * 15, *["Control+z"] * 8, *["Control+Shift+z"] * 3, *["k"] * 2)
    page.locator(".status", has_text=re.compile(r"Offline: 3[0-3] waiting, will be sent")).wait_for()
    shown = decided_cards(page)
    decide(review.project_id, "bea", [Op(1, (review.image_ids[40],), "delete")], "bea's browser")
    page.context.set_offline(False)
    wait_saved(page)
    # 20 deleted, the last 8 of them undone, 3 redone; the cursor stood on the last of these, which is then kept.
    assert shown[:24] == ["keep"] * 5 + ["delete"] * 14 + ["keep"] * 2 + ["none"] * 3
    page.wait_for_selector(".card[data-decision='delete'] .by:text-is('bea')")
    assert decided_cards(page) == [what or "none" for what, _ in stored(review)]
    assert [*shown[:40], "delete"] == [what or "none" for what, _ in stored(review)[:41]]
