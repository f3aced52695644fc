"""Images drawn at random within an order of doubt, and what they say of all labels."""

import numpy as np
import pytest

from curate.review.deciding.decisions import Op, decide
from curate.review.listing import cards
from curate.review.listing.pages import View, find_page
from curate.review.reports.drawn_share import find_drawn_share
from tests.factories import add_doubted_run, open_page

N = 200
ENTRIES = [("cats" if place % 2 else "dogs", "train" if place % 5 else "valid") for place in range(420)]


@pytest.fixture
def doubted(make_project):
    """(project, run id): 200 images, the doubt of each is its place by 1,000."""
    project = make_project(ENTRIES[:N])
    return project, add_doubted_run(project.id, [(0.4, 0.6)] * N, [place / 1000 for place in range(N)])


def drawn_and_others(run_id: int, sort: str) -> tuple[list[int], list[float]]:
    """Ids at the places of drawn images, and the doubts at all other places, in order."""
    items = find_page(View(run_id, sort), 1, N).items
    places = range(10, N, 20)
    return [items[place].image_id for place in places], [
        item.doubt or 0.0 for place, item in enumerate(items) if place not in places
    ]


@pytest.mark.parametrize("sort", ["mixed", "mixed_unmarked"])
def test_every_twentieth_place_is_drawn_and_the_others_keep_their_order(doubted, sort):
    project, run_id = doubted
    drawn, others = drawn_and_others(run_id, sort)
    assert len(set(drawn)) == 10 and others == sorted(others, reverse=True) and len(others) == N - 10
    ids = [item.image_id for item in find_page(View(run_id, sort), 1, N).items]
    assert sorted(ids) == sorted(project.image_ids)
    assert drawn == drawn_and_others(run_id, "mixed")[0]


def test_every_image_is_as_likely_to_be_drawn(make_project):
    project = make_project(ENTRIES[:80])
    counts = np.zeros(80, int)
    for _ in range(60):
        run_id = add_doubted_run(project.id, [(0.4, 0.6)] * 80, [place / 1000 for place in range(80)])
        first = find_page(View(run_id, "mixed"), 1, 80).items
        for place in (10, 30, 50, 70):
            counts[project.image_ids.index(first[place].image_id)] += 1
    assert counts.sum() == 240 and counts.max() <= 12  # 3 each; 12 or more once in 5,000 such tests
    assert 90 <= counts[:40].sum() <= 150


def test_cards_of_drawn_images_say_so_unless_that_is_not_wanted(doubted):
    _, run_id = doubted

    def whys(sort: str) -> list[str]:
        page = find_page(View(run_id, sort), 1, 48)
        return [card["why_short"] for card in cards.explained(run_id, page.items, [])]

    assert [place for place, why in enumerate(whys("mixed")) if why == "Drawn at random"] == [10, 30]
    assert "Drawn at random" not in whys("mixed_unmarked") + whys("doubt")


def test_only_the_first_drawn_ones_without_a_gap_count_and_they_count_from_any_order(doubted):
    project, run_id = doubted
    drawn, _ = drawn_and_others(run_id, "mixed")

    def decide_on(client: int, action: str, *image_ids: int) -> tuple[int, int]:
        decide(project.id, "ann", [Op(client, image_ids, action)], "client-1")
        share = find_drawn_share(run_id)
        return share.n_checked, share.n_wrong

    assert decide_on(1, "keep", drawn[0], drawn[2]) == (1, 0)
    assert decide_on(2, "delete", drawn[1]) == (3, 1)
    others = [image_id for image_id in project.image_ids if image_id not in drawn]
    assert decide_on(3, "delete", *others[:50]) == (3, 1)


def test_the_page_says_what_the_drawn_ones_found_from_twenty_on(make_project):
    project = make_project(ENTRIES)
    run_id = add_doubted_run(project.id, [(0.4, 0.6)] * 420, [place / 1000 for place in range(420)])
    items = find_page(View(run_id, "mixed"), 1, 420).items
    drawn = [items[place].image_id for place in range(10, 420, 20)]

    def texts() -> str:
        app = open_page("curate", project=project.id, run=run_id)
        app.session_state["outlook"] = True
        return "\n".join(element.value for element in app.run().caption)

    decide(project.id, "ann", [Op(1, tuple(drawn[:19]), "keep")], "client-1")
    assert "Drawn at random" not in texts()
    decide(project.id, "ann", [Op(2, tuple(drawn[19:]), "delete")], "client-1")
    share = find_drawn_share(run_id)
    assert (share.n, share.n_checked, share.n_wrong) == (420, 21, 2)
    # Clopper and Pearson for 2 of 21: 0.0117 to 0.3038
    assert (share.wrong_in_all.low, share.wrong_in_all.high) == pytest.approx((4.9, 127.6), abs=0.1)
    assert "2 labels wrong among the first 21, so 5 to 128 of all 420 were" in texts()
