"""The curation grid in a real browser: keys, mouse and touch."""

from typing import Any

from curate.catalog.images import image_rows
from curate.review.deciding.decisions import Op, decide
from tests.browser.driving import Opened, cursor, decided_cards, press, stored, wait_saved


def test_one_key_decides_one_picture_and_goes_on_to_the_next(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    press(page, "k", "d", "3", "k")
    press(page, "ArrowLeft", "u")
    wait_saved(page)
    metal = review.label_ids[2]
    assert stored(review)[:4] == [("keep", None), ("delete", None), ("relabel", metal), (None, None)]
    assert decided_cards(page)[:4] == ["keep", "delete", "relabel", "none"]
    assert page.locator(".card .sign").all_text_contents()[:3] == ["✓", "✕", "⇄ metal"]
    assert page.locator(".bar .progress .words").text_content() == "3 of 18 reviewed"


def test_relabelling_to_the_label_it_has_keeps_it(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    own = image_rows(review.image_ids[:1])[0].label_id
    press(page, str(review.label_ids.index(own) + 1))
    wait_saved(page)
    assert stored(review)[0] == ("keep", None)
    assert decided_cards(page)[0] == "keep"


def test_a_range_and_single_cards_are_decided_together(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    press(page, "Shift+ArrowRight", "Shift+ArrowRight")
    page.locator(".card").nth(5).click(modifiers=["Control"])
    assert page.locator(".chosen .words").text_content() == "4 selected"
    press(page, "d")
    wait_saved(page)
    assert [what for what, _ in stored(review)[:7]] == ["delete"] * 3 + [None, None, "delete", None]
    page.locator(".card").nth(8).click()
    page.locator(".card").nth(10).click(modifiers=["Shift"])
    page.locator(".bar [data-command='keep']").click()
    wait_saved(page)
    assert [what for what, _ in stored(review)[7:12]] == [None, "keep", "keep", "keep", None]


def test_keys_move_the_cursor_by_card_and_by_row(make_review: Any, opened: Opened) -> None:
    page = opened(make_review(30))
    columns = int(page.eval_on_selector(".cards", "cards => cards.style.getPropertyValue('--columns')"))
    press(page, "ArrowDown", "ArrowRight")
    assert cursor(page) == columns + 1
    press(page, "End")
    assert cursor(page) == 29
    press(page, "Home", "ArrowLeft")
    assert cursor(page) == 0


def test_no_key_acts_while_somebody_types_in_a_field(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    page.get_by_label("A field").click()
    page.keyboard.type("kd123rux")
    assert set(decided_cards(page)) == {"none"}
    assert page.get_by_label("A field").input_value() == "kd123rux"


def test_streamlits_own_keys_stay_quiet_while_the_grid_is_used(make_review: Any, opened: Opened) -> None:
    page = opened(make_review(18))
    press(page, "r")
    page.keyboard.type("c")  # in the type-ahead, whose field Streamlit cannot see
    page.wait_for_timeout(300)
    assert page.locator("[data-testid='stDialog'], [role='dialog'][data-baseweb]").count() == 0
    assert page.locator("[data-testid='stStatusWidget']").count() == 0


def test_keys_work_after_a_click_on_nothing(make_review: Any, opened: Opened) -> None:
    page = opened(make_review(18))
    page.mouse.click(5, 500)
    press(page, "k")
    wait_saved(page)
    assert decided_cards(page)[0] == "keep"


def test_type_ahead_finds_one_of_a_thousand_labels(make_review: Any, opened: Opened) -> None:
    names = [*(f"label {i:03}" for i in range(998)), "Étagère <b>bold</b>", "köpek / dog"]
    review = make_review(18, names)
    page = opened(review)
    press(page, "r")
    page.keyboard.type("etag bold")
    assert page.locator(".matches li").all_text_contents() == [
        "Étagère <b>bold</b>", "New label “etag bold”",
    ]  # fmt: skip
    press(page, "Enter")
    press(page, "/")
    page.keyboard.type("dog")
    press(page, "Enter")
    wait_saved(page)
    assert stored(review)[:2] == [("relabel", review.label_ids[998]), ("relabel", review.label_ids[999])]
    assert page.locator(".card .sign").first.text_content() == "⇄ Étagère <b>bold</b>"
    assert page.locator(".card b").count() == 0


def test_the_type_ahead_offers_what_the_model_thought_first(make_review: Any, opened: Opened) -> None:
    page = opened(make_review(18))
    taken_for = page.locator(".card .other").first.text_content()
    press(page, "r")
    assert page.locator(".matches li .name").first.text_content() == taken_for
    press(page, "Escape")
    assert page.locator("dialog:modal").count() == 0
    press(page, "k")
    wait_saved(page)
    assert decided_cards(page)[0] == "keep"


def test_a_page_turns_and_the_keys_go_on_there(make_review: Any, opened: Opened) -> None:
    review = make_review(30)
    page = opened(review, "size=10")
    press(page, "ArrowRight", "n", "k")  # k comes before the page does, and is meant for it
    page.wait_for_selector(".pages .words:text-is('2 of 3')")
    press(page, "d")
    wait_saved(page)
    assert [what for what, _ in stored(review)[:12]] == [None] * 10 + ["keep", "delete"]
    press(page, "p")
    page.wait_for_selector(".pages .words:text-is('1 of 3')")
    assert cursor(page) == 0
    press(page, "p")
    assert page.locator(".toast").text_content() == "This is the first page."


def test_the_cursor_stays_on_its_picture_when_streamlit_reruns(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    press(page, "ArrowRight", "ArrowRight", "k")
    wait_saved(page)
    page.get_by_label("A field").fill("another run of the page")
    press(page, "Enter")
    page.wait_for_selector(".card[data-decision='keep']")
    page.wait_for_timeout(500)
    assert cursor(page) == 3
    page.locator(".cards").focus()
    press(page, "d")
    wait_saved(page)
    assert [what for what, _ in stored(review)[:5]] == [None, None, "keep", "delete", None]
    assert page.locator(".bar .progress .words").text_content() == "2 of 18 reviewed"


def test_undo_brings_back_what_stood_before(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    press(page, "k", "2")  # two pictures
    press(page, "Home", "Shift+ArrowRight", "Shift+ArrowRight", "d")  # three, two of them decided already
    wait_saved(page)
    press(page, "Control+z")
    wait_saved(page)
    glass = review.label_ids[1]
    assert stored(review)[:3] == [("keep", None), ("relabel", glass), (None, None)]
    press(page, "Control+z", "Control+z", "Control+z")
    wait_saved(page)
    assert stored(review)[:3] == [(None, None)] * 3
    assert page.locator(".toast").text_content() == "Nothing to undo."


def test_undo_leaves_alone_what_somebody_else_decided_since(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    press(page, "a", "k")
    wait_saved(page)
    decide(review.project_id, "bea", [Op(1, (review.image_ids[0],), "delete")], "another-client")
    page.wait_for_selector(".card[data-decision='delete']")
    press(page, "Control+z")
    wait_saved(page)
    assert [what for what, _ in stored(review)] == ["delete"] + [None] * 17
    page.get_by_text("1 stays as bea decided since.").first.wait_for()


def test_enter_accepts_the_suggestion_of_one_card_and_of_a_selection_at_once(make_review: Any, opened: Opened) -> None:
    review = make_review(18, doubted=True)
    page = opened(review)
    suggested = page.locator(".card .other .name").all_text_contents()[0]
    assert "suggested: " in page.locator(".card").first.get_attribute("aria-label")
    press(page, "Enter")
    wait_saved(page)
    assert page.locator(".card .sign").first.text_content() == f"⇄ {suggested}"
    assert stored(review)[0][0] == "relabel"
    assert cursor(page) == 1
    press(page, "Control+a", "Enter")
    wait_saved(page)
    by_action = [what for what, _ in stored(review)]
    assert (by_action.count("relabel"), by_action.count("keep"), by_action.count("delete")) == (6, 11, 1)
    press(page, "Control+z")
    wait_saved(page)
    assert [what for what, _ in stored(review)] == ["relabel", *[None] * 17]


def test_the_enlarged_picture_says_what_is_suggested_and_accepts_it(make_review: Any, opened: Opened) -> None:
    review = make_review(18, doubted=True)
    page = opened(review)
    press(page, " ")
    assert page.locator(".enlarged .suggestion .words").text_content().startswith("Accept: ")
    page.locator(".enlarged [data-command='accept']").click()
    wait_saved(page)
    assert stored(review)[0][0] == "relabel"
    assert page.locator(".enlarged .place").text_content() == "2 of 18"


def test_without_suggestions_enter_decides_nothing_and_says_so(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    press(page, "Enter")
    page.get_by_text("Nothing is suggested for it.").first.wait_for()
    assert set(decided_cards(page)) == {"none"}
    assert not page.locator(".bar [data-command='accept']").is_visible()


def test_the_enlarged_picture_takes_the_same_keys(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    press(page, " ")
    assert page.locator(".enlarged .place").text_content() == "1 of 18"
    press(page, "ArrowRight", "d")
    assert page.locator(".enlarged .place").text_content() == "3 of 18"
    press(page, "4", "ArrowLeft")
    assert page.locator(".enlarged .badge").text_content() == "⇄ paper · ann"
    press(page, "Escape", "k")
    wait_saved(page)
    assert page.locator("dialog:modal").count() == 0
    assert [what for what, _ in stored(review)[:4]] == [None, "delete", "keep", None]


def test_mouse_alone_can_do_everything(make_review: Any, opened: Opened) -> None:
    review = make_review(30)
    page = opened(review, "size=10")
    page.locator(".bar [data-command='keep']").click()
    page.locator(".bar .chip:has-text('glass')").click()
    page.locator(".bar [data-command='relabel']").click()
    page.locator(".matches li:has-text('trash')").click()
    page.locator(".card").nth(4).dblclick()
    page.locator(".enlarged [data-command='delete']").click()
    page.locator(".enlarged [data-command='close']").click()
    page.locator(".card").nth(0).click()
    page.locator(".bar [data-command='clear']").click()
    wait_saved(page)
    glass, trash = review.label_ids[1], review.label_ids[5]
    assert stored(review)[:5] == [
        (None, None), ("relabel", glass), ("relabel", trash), (None, None), ("delete", None),
    ]  # fmt: skip
    page.locator(".pages [data-command='next']").click()
    page.wait_for_selector(".pages .words:text-is('2 of 3')")
    page.locator(".bar [data-command='all']").click()
    page.locator(".bar [data-command='delete']").click()
    wait_saved(page)
    assert [what for what, _ in stored(review)[10:21]] == ["delete"] * 10 + [None]


def test_fingers_alone_can_do_everything_on_a_phone(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review, has_touch=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".card").nth(1).tap()
    page.locator(".dock [data-command='delete']").tap()
    page.locator("[data-command='touchSelect']").tap()
    page.locator(".card").nth(3).tap()
    page.locator(".card").nth(4).tap()
    page.locator(".dock .chip:has-text('metal')").tap()
    wait_saved(page)
    assert [what for what, _ in stored(review)[:6]] == [None, "delete", None, "relabel", "relabel", None]
    too_wide = "root => root.scrollWidth > root.clientWidth"
    assert not page.eval_on_selector(".curateGrid", too_wide)


def test_preferences_are_remembered(make_review: Any, opened: Opened) -> None:
    page = opened(make_review(18))
    page.locator("[aria-label='View']").click()
    page.locator(".viewMenu button:has-text('Stay')").click()
    press(page, "Escape", "f", "k", "d")
    wait_saved(page)
    assert decided_cards(page)[:2] == ["delete", "none"]
    page.reload()
    page.wait_for_selector(".cards[data-fit='cover'] .card.cursor")
    press(page, "ArrowRight", "k")
    assert cursor(page) == 1


def test_every_key_of_the_help_is_there(make_review: Any, opened: Opened) -> None:
    page = opened(make_review(18))
    press(page, "?")
    assert page.locator(".help dd").all_text_contents()[:3] == [
        "Accept what the evidence suggests",
        "Keep: the label is right",
        "Delete: it does not belong in the data",
    ]
    press(page, "d", "?")
    assert set(decided_cards(page)) == {"none"}
    assert page.locator("dialog:modal").count() == 0


def test_those_who_listen_hear_what_the_others_see(make_review: Any, opened: Opened) -> None:
    review = make_review(18)
    page = opened(review)
    press(page, "d", "ArrowLeft")
    wait_saved(page)
    grid = page.get_by_role("grid", name="Pictures to review")
    assert grid.get_by_role("row").count() > 1
    first = grid.get_by_role("gridcell").first
    row = image_rows(review.image_ids[:1])[0]
    words = first.get_attribute("aria-label")
    assert words.startswith(f"{row.file_name}, filed under ")
    assert "taken for " in words and "decided: delete by ann" in words and words.endswith("1 of 18")
    assert grid.get_attribute("aria-activedescendant") == first.get_attribute("id")
    assert page.locator(".announcer").text_content() == f"Deleted {row.file_name}"


def test_a_picture_that_cannot_be_loaded_says_so_and_can_be_decided(make_review: Any, opened: Opened) -> None:
    review = make_review(18, seed=7)
    page = opened(review)
    page.route("**/thumb", lambda route: route.abort())
    page.evaluate("caches.keys()")
    page.reload()
    page.wait_for_selector(".frame[data-picture='broken']")
    press(page, "d")
    wait_saved(page)
    assert stored(review)[0] == ("delete", None)


def test_a_label_on_a_card_is_shown_whole_or_by_its_dot_and_isolated_from_what_stands_beside_it(
    make_review: Any, opened: Opened
) -> None:
    page = opened(make_review(18))
    for columns in (3, 8):
        page.eval_on_selector(".cards", "(cards, n) => cards.style.setProperty('--columns', n)", columns)
        names = page.eval_on_selector_all(
            ".card .label:not([hidden])",
            """labels => labels.filter(label => label.offsetParent).map(label => {
              const name = label.querySelector("bdi.name");
              return [label.title, name.textContent, name.clientWidth, name.scrollWidth, label.parentNode.scrollWidth];
            })""",
        )
        assert names
        for title, text, shown_px, whole_px, _ in names:
            assert title == text
            assert shown_px in (0, whole_px)
    card = page.locator(".card").first
    assert card.locator(".names").evaluate("names => names.scrollWidth <= names.clientWidth")
