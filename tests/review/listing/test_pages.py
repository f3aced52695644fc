"""Pages of the grid: order, filters, counts, and keys that stay exact while decisions change the list."""

import pytest

from curate.catalog import projects
from curate.errors import BadInput
from curate.review.deciding import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.listing import pages
from curate.review.listing.pages import View, find_page


def names(page: pages.Page) -> list[str]:
    return [item.file_name for item in page.items]


def label_ids(project_id: int) -> dict[str, int]:
    return {label.name: label.id for label in projects.labels(project_id)}


def image_id(run_id: int, name: str) -> int:
    return next(item.image_id for item in find_page(View(run_id)).items if item.file_name == name)


def test_the_highest_loss_comes_first_and_the_card_says_why(scored_project):
    project_id, run_id = scored_project
    page = find_page(View(run_id))
    assert names(page) == ["d2.png", "c2.png", "c3.png", "d1.png", "d3.png", "c1.png"]
    worst, ids = page.items[0], label_ids(project_id)
    assert (worst.label_id, worst.predicted_id) == (ids["dog"], ids["cat"])
    assert worst.loss == pytest.approx(2.9957, abs=1e-4)  # -ln 0.05
    assert (worst.p_actual, worst.p_predicted) == pytest.approx((0.05, 0.95))


def test_other_orders(scored_project):
    _, run_id = scored_project
    assert names(find_page(View(run_id, sort="right")))[:2] == ["c1.png", "d3.png"]
    assert names(find_page(View(run_id, sort="confident"))) == ["d2.png", "c2.png", "c3.png"]


def test_filters_combine_and_counts_agree_with_them(scored_project):
    project_id, run_id = scored_project
    ids = label_ids(project_id)
    cell = find_page(View(run_id, label_id=ids["cat"], predicted_id=ids["dog"]))
    assert (names(cell), cell.n_matching) == (["c2.png", "c3.png"], 2)
    valid = find_page(View(run_id, label_id=ids["cat"], predicted_id=ids["dog"], split="valid"))
    assert (names(valid), valid.n_matching) == (["c3.png"], 1)


@pytest.mark.parametrize("sort", list(pages.SORTS))
def test_keys_walk_every_image_once_in_the_order_of_one_large_page(scored_project, sort):
    _, run_id = scored_project
    whole, walked, after, number = names(find_page(View(run_id, sort=sort))), [], None, 1
    while True:
        page = find_page(View(run_id, sort=sort), number, 2, after)
        assert names(page) == names(find_page(View(run_id, sort=sort), number, 2))
        walked += names(page)
        after, number = page.after, number + 1
        if after is None:
            break
    assert walked == whole


def test_the_next_page_skips_nothing_after_decisions_took_images_out_of_the_list(scored_project):
    project_id, run_id = scored_project
    view = View(run_id, reviewed="no")
    first = find_page(view, 1, 2)
    decide(project_id, "ann", [Op(1, tuple(item.image_id for item in first.items), "delete")], "client-1")
    second = find_page(view, 2, 2, first.after)
    assert names(first) + names(second) == ["d2.png", "c2.png", "c3.png", "d1.png"]
    assert (second.n_matching, second.n_reviewed) == (4, 2)


def test_kept_and_relabelled_images_stay_reviewed_after_apply_and_deleted_ones_leave(scored_project):
    project_id, run_id = scored_project
    ids = label_ids(project_id)
    decide(project_id, "ann", [Op(1, (image_id(run_id, "c1.png"),), "keep")], "client-1")
    decide(project_id, "ann", [Op(2, (image_id(run_id, "c2.png"),), "relabel", ids["dog"])], "client-1")
    decide(project_id, "ann", [Op(3, (image_id(run_id, "d2.png"),), "delete")], "client-1")
    assert names(find_page(View(run_id, reviewed="relabel"))) == ["c2.png"]
    apply.apply(project_id, "ann")
    page = find_page(View(run_id))
    assert (page.n_matching, page.n_reviewed) == (5, 2)
    assert names(find_page(View(run_id, reviewed="yes"))) == ["c2.png", "c1.png"]
    assert [item.is_changed for item in find_page(View(run_id, reviewed="yes")).items] == [True, False]
    assert names(find_page(View(run_id, reviewed="no"))) == ["c3.png", "d1.png", "d3.png"]


def test_a_page_past_the_end_is_the_last_one(scored_project):
    _, run_id = scored_project
    page = find_page(View(run_id), 99, 4)
    assert (page.number, page.n_pages, len(page.items)) == (2, 2, 2)


def test_values_from_a_shared_link_that_do_not_exist_are_refused(scored_project):
    _, run_id = scored_project
    for view in (View(run_id, sort="x"), View(run_id, split="x"), View(run_id, reviewed="x")):
        with pytest.raises(BadInput, match="is not one of"):
            find_page(view)
    with pytest.raises(BadInput, match="no place in a list"):
        find_page(View(run_id), 1, 2, "1.0~x")


def test_cards_already_on_the_screen_keep_their_order_while_decisions_take_them_out_of_the_list(scored_project):
    project_id, run_id = scored_project
    ids = [item.image_id for item in find_page(View(run_id, reviewed="no"), 1, 3).items]
    decide(project_id, "ann", [Op(1, (ids[1],), "delete")], "client-1")
    assert [(item.image_id, item.decision) for item in pages.find_items(run_id, ids)] == [
        (ids[0], None),
        (ids[1], "delete"),
        (ids[2], None),
    ]
    apply.apply(project_id, "ann")
    assert [item.image_id for item in pages.find_items(run_id, ids)] == [ids[0], ids[2]]
