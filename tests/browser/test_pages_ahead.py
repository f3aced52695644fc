"""Turning pages in a real browser: to those that are there ahead of time and back, whatever others decide meanwhile."""

import re
from typing import Any

from curate.catalog.images import image_rows
from curate.catalog.projects import labels
from curate.catalog.versions import head_id
from curate.review import tokens
from curate.review.deciding.decisions import Op, decide, revision
from curate.review.listing import cards, pages
from curate.ui.components import grid
from tests.browser.driving import Opened, cursor, press, stored, wait_saved


def wait_page(page: Any, words: str) -> None:
    page.wait_for_selector(f".pages .words:text-is('{words}')")


def fetched(page: Any, n_pages: int, n_pictures: int) -> None:
    """Until so many pages and pictures have come, in all."""
    n = "(part) => performance.getEntriesByType('resource').filter(e => e.name.includes(part) && e.responseEnd).length"
    page.wait_for_function(f"() => ({n})('/pages?') >= {n_pages} && ({n})('/thumb') >= {n_pictures}")


def names(page: Any) -> list[str]:
    """The pictures on the page, as screen readers are told them."""
    return page.eval_on_selector_all(".card", "cards => cards.map((card) => card.ariaLabel.split(',')[0])")


def test_two_pages_are_there_before_anybody_asks_for_them(make_review: Any, opened: Opened) -> None:
    review = make_review(50)
    page = opened(review, "size=10")
    fetched(page, 2, 30)
    page.context.set_offline(True)
    press(page, "n", "n", "k", "k")
    wait_page(page, "3 of 5")
    assert page.locator(".frame[data-picture='ready']").count() == 10
    assert names(page) == [row.file_name for row in image_rows(review.image_ids[20:30])]
    press(page, "p", "d", "p", "d")
    wait_page(page, "1 of 5")
    page.context.set_offline(False)
    wait_saved(page)
    actions = [what for what, _ in stored(review)]
    assert (actions[0], actions[10], actions[20:22], sum(map(bool, actions))) == (
        "delete",
        "delete",
        ["keep", "keep"],
        4,
    )
    press(page, "n", "n", "n")  # the fourth was not there, and Python has to catch up with what it did not hear of
    wait_page(page, "4 of 5")
    assert names(page) == [row.file_name for row in image_rows(review.image_ids[30:40])]


def test_leafing_fast_ends_on_the_last_page_asked_for_and_stays_there(make_review: Any, opened: Opened) -> None:
    review = make_review(60)
    page = opened(review, "size=10")
    press(page, *["n"] * 5)
    wait_page(page, "6 of 6")
    press(page, "k", "d")
    wait_saved(page)
    page.wait_for_timeout(1_500)  # Python follows
    assert page.locator(".pages .words").text_content() == "6 of 6"
    assert cursor(page) == 2
    assert [what for what, _ in stored(review)[48:53]] == [None, None, "keep", "delete", None]
    assert page.locator(".bar .progress .words").text_content() == "2 of 60 reviewed"


def test_looking_for_a_picture_right_after_turning_comes_to_it(make_review: Any, opened: Opened) -> None:
    review = make_review(60)
    page = opened(review, "size=10")
    fetched(page, 2, 30)
    name = image_rows([review.image_ids[54]])[0].file_name
    press(page, "n", "g")
    page.locator(".jump input").fill(name)
    press(page, "Enter")  # before Python has heard of the turn
    wait_page(page, "6 of 6")
    assert cursor(page) == 4
    page.wait_for_timeout(1_000)
    assert (page.locator(".pages .words").text_content(), cursor(page)) == ("6 of 6", 4)
    press(page, "p")
    wait_page(page, "5 of 6")
    press(page, "n", "g")
    page.locator(".jump input").fill("no such picture")
    press(page, "Enter")
    page.locator(".toast", has_text="No picture is “no such picture”.").wait_for()
    assert page.locator(".pages .words").text_content() == "6 of 6"


def test_a_page_stays_as_it_was_shown_whatever_others_decided_since(
    make_app_review: Any, app_server: Any, browser: Any
) -> None:
    review = make_app_review(150)
    view = pages.View(review.run_id, "loss", reviewed="no")
    ids = [item.image_id for item in pages.find_page(view, 1, 150).items]
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "curate_reviewer", "value": "Ann", "url": app_server.url}])
    page = context.new_page()
    page.add_init_script("performance.setResourceTimingBufferSize(2000)")  # 250 are too few
    page.goto(f"{app_server.url}/curate?project={review.project_id}&run={review.run_id}&sort=loss&reviewed=no")
    page.wait_for_selector(".cards:focus .card.cursor", timeout=60_000)
    fetched(page, 2, 144)
    decide(review.project_id, "Bea", [Op(1, (ids[48], ids[50]), "delete")], "another-client")
    press(page, "n")
    page.wait_for_selector(".card[data-decision='delete'] >> nth=1")  # the page hears of them
    page.wait_for_url(re.compile("page=2"))
    page.wait_for_timeout(700)
    second = [row.file_name for row in image_rows(ids[48:96])]
    assert names(page) == second
    press(page, "n")
    page.wait_for_url(re.compile("page=3"))
    assert names(page) == [row.file_name for row in image_rows(ids[96:144])]
    page.go_back()
    page.wait_for_url(re.compile("page=2"))
    wait_page(page, "2 of 4")
    assert names(page) == second
    context.close()


def test_elements_that_are_shown_again_do_not_hear_a_key_twice(make_review: Any, opened: Opened) -> None:
    """Of two updates that come together, Streamlit cleans up after the first and shows the same elements again."""
    review = make_review(18)
    page = opened(review)
    sheet = grid.Sheet(cards.as_items(pages.find_page(pages.View(review.run_id)).items), 1, 1, 0, 18)
    ann = (review.project_id, review.run_id, "ann", tokens.sign("ann"))
    data = {
        **vars(sheet), **vars(grid.Reviewing(*ann, revision(review.project_id), head_id(review.project_id))),
        "labels": grid.as_labels(labels(review.project_id)), "images_url": "/images",
        "post_url": f"/api/projects/{review.project_id}/decisions", "autofocus": True,
    }  # fmt: skip
    press(page, *["ArrowRight"] * 3)
    page.evaluate(
        """async (data) => {
          const isEntry = ({ name }) => name.endsWith('/grid/script/main.js')
          const script = performance.getEntriesByType('resource').find(isEntry)
          const { default: show } = await import(script.name)
          const parentElement = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot
          const component = { parentElement, data, setTriggerValue: () => {} }
          for (let i = 0; i < 3; i += 1) show(component)()
          show(component)
        }""",
        data,
    )
    press(page, "k", "d")
    wait_saved(page)
    assert [what for what, _ in stored(review)[:6]] == [None] * 3 + ["keep", "delete", None]
