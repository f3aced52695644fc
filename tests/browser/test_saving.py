"""What happens to decisions in a real browser when the network, the server or another person is in the way."""

import re
from typing import Any

from curate.catalog.images import image_rows
from curate.review.deciding.apply import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.team import activity
from curate.server.gates import failures
from tests.browser.cable import cable_to
from tests.browser.driving import Opened, decided_cards, press, stored, wait_saved


def test_nothing_is_called_saved_before_the_server_has_it(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review, is_routed=True)
    held: list[Any] = []
    page.route("**/decisions", lambda route: held.append(route))
    press(page, "k")
    page.wait_for_selector(".card[data-decision='keep']")
    assert page.locator(".status").get_attribute("data-state") == "saving"
    assert not page.locator(".status .words").is_visible()
    page.get_by_text("Saving…").wait_for()
    press(page, "d")
    assert stored(review)[0] == (None, None)
    page.unroute("**/decisions")
    for route in held:
        route.continue_()
    wait_saved(page)
    assert [what for what, _ in stored(review)[:3]] == ["keep", "delete", None]


def test_a_hundred_fast_keys_are_all_saved(make_review: Any, opened: Opened) -> None:
    review = make_review(100)
    page = opened(review, "size=100")
    press(page, *["k", "d"] * 50)
    wait_saved(page)
    assert [what for what, _ in stored(review)] == ["keep", "delete"] * 50


def test_a_cut_in_the_network_loses_nothing(make_review: Any, opened: Opened) -> None:
    review = make_review(30)
    page = opened(review)
    press(page, *["k"] * 5)
    page.context.set_offline(True)
    press(page, *["d"] * 15)
    page.locator(".status", has_text=re.compile(r"Offline: (1[5-9]|20) waiting, will be sent")).wait_for()
    page.context.set_offline(False)
    press(page, *["k"] * 5)
    wait_saved(page)
    assert [what for what, _ in stored(review)[:26]] == ["keep"] * 5 + ["delete"] * 15 + ["keep"] * 5 + [None]


def test_a_reload_while_the_server_is_away_loses_nothing(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('cut')); }")  # sends nothing
    press(page, "k", "d", "2")
    page.wait_for_selector(".status:has-text('Offline: 3 waiting')")
    page.route("**/decisions", lambda route: route.abort())
    page.reload()
    page.wait_for_selector(".card.waiting[data-decision='delete']")
    assert decided_cards(page)[:4] == ["keep", "delete", "relabel", "none"]
    assert stored(review)[0] == (None, None)
    page.unroute("**/decisions")
    wait_saved(page)
    assert stored(review)[:3] == [("keep", None), ("delete", None), ("relabel", review.label_ids[1])]
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('curate.waiting'))") == []


def test_leaving_warns_only_while_something_is_unsent(make_review: Any, opened: Opened) -> None:
    page = opened(make_review(18))
    warned = []
    page.on("dialog", lambda dialog: warned.append(dialog.type))
    press(page, "k")
    wait_saved(page)
    page.reload()
    page.wait_for_selector(".card.cursor")
    assert warned == []
    page.context.set_offline(True)
    press(page, "d")
    page.wait_for_selector(".card.waiting")
    with page.expect_event("dialog") as dialog:
        page.close(run_before_unload=True)
    assert dialog.value.type == "beforeunload"


def test_a_refused_decision_is_said_and_put_back_and_the_others_are_saved(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    decide(review.project_id, "bea", [Op(1, (review.image_ids[1],), "delete")], "another-client")
    apply(review.project_id, "bea")  # the second picture is in the bin now
    page.context.set_offline(True)
    press(page, "k", "k", "k")
    page.context.set_offline(False)
    page.wait_for_selector(".toast.trouble")
    wait_saved(page)
    words = f"Image {review.image_ids[1]} is not among the project's images (any more). Reload the page."
    assert page.locator(".toast").text_content() == f"Not saved, and put back as it was: {words}"
    assert [what for what, _ in stored(review)[:3]] == ["keep", None, "keep"]
    page.wait_for_selector(".card >> nth=16")
    page.wait_for_selector(".card >> nth=17", state="detached")  # the page hears of the apply, and the bin's is gone
    assert decided_cards(page)[:3] == ["keep", "keep", "none"]


def test_a_page_that_the_server_does_not_know_keeps_its_decisions(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review, is_routed=True)
    page.route("**/decisions", lambda route: route.continue_(headers={**route.request.headers, "x-curate-token": "x"}))
    press(page, "k")
    page.wait_for_selector(".status[data-state='problem']")
    assert "Reload the page. 1 waiting, kept here." in page.locator(".status").text_content()
    page.unroute("**/decisions")
    page.reload()
    wait_saved(page)
    assert stored(review)[0] == ("keep", None)


def test_others_decisions_appear_with_their_names(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    ann, bea = opened(review, "user=ann"), opened(review, "user=bea")
    press(bea, "d")
    wait_saved(bea)
    ann.wait_for_selector(".card[data-decision='delete']")
    assert ann.locator(".card .by").first.text_content() == "bea"
    assert bea.locator(".card .by").first.is_hidden()
    press(ann, "k")
    wait_saved(ann)
    bea.wait_for_selector(".card[data-decision='keep']")
    assert image_rows(review.image_ids[:1])[0].decided_by == "ann"


def test_a_minute_without_network_loses_nothing_and_stores_nothing_twice(
    browser: Any, grid_server: Any, make_review: Any
) -> None:
    review = make_review(160)
    with cable_to(int(grid_server.url.rpartition(":")[2])) as cable:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{cable.port}/?run={review.run_id}&size=160")
        page.wait_for_selector(".cards:focus .card.cursor", timeout=60_000)
        press(page, *["k"] * 10)
        for number in range(60):
            press(page, "k", "d")
            if number == 0:
                cable.cut()  # with the last two under way
            page.wait_for_timeout(1_000)
        page.locator(".status", has_text=re.compile(r"Offline: (1\d\d) waiting, will be sent")).wait_for()
        cable.mend()
        press(page, *["k"] * 10)
        wait_saved(page)
        context.close()
    decided = [what for what, _ in stored(review)]
    assert decided == ["keep"] * 10 + ["keep", "delete"] * 60 + ["keep"] * 10 + [None] * 20
    assert len(activity.find(review.project_id, activity.DecisionFilter(), limit=1_000)) == 140


def test_a_full_disk_is_said_and_the_decision_is_saved_once_there_is_room(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review, is_routed=True)
    full = {"error": failures.FULL, "hint": "", "repeat": True}
    page.route("**/decisions", lambda route: route.fulfill(status=507, json=full))
    press(page, "k", "d")
    page.locator(".status[data-state='problem']", has_text=f"{failures.FULL} 2 waiting, kept here.").wait_for()
    page.unroute("**/decisions")
    wait_saved(page)  # by itself, some seconds later
    assert [what for what, _ in stored(review)[:3]] == ["keep", "delete", None]


def test_a_mistake_of_the_server_is_said_and_not_repeated_for_ever(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review, is_routed=True)
    mistake = {"error": "The server made a mistake; its log has the trace.", "hint": "", "repeat": False}

    def answer(route: Any) -> None:
        if route.request.post_data_json["ops"]:
            route.fulfill(status=500, json=mistake)
        else:
            route.continue_()

    page.route("**/decisions", answer)
    press(page, "k")
    page.locator(".toast", has_text=f"Not saved, and put back as it was: {mistake['error']}").wait_for()
    page.unroute("**/decisions")
    press(page, "d")
    wait_saved(page)
    assert [what for what, _ in stored(review)].count("delete") == 1
