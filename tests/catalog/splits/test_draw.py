"""The split: shares, groups, and that nothing in it ever moves or depends on the order of files."""

import hashlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.catalog.splits.draw import TRAIN, UNKNOWN, VALID, Arrivals, draw_split


def named(n: int, start: int = 0) -> list[str]:
    return [hashlib.sha256(str(start + i).encode()).hexdigest() for i in range(n)]


def arrivals(
    labels: list[int], groups: list[int] | None = None, settled: dict[int, int] | None = None,
    given_sides: dict[int, int] | None = None,
) -> Arrivals:  # fmt: skip
    n = len(labels)
    sides = [np.full(n, UNKNOWN), np.full(n, UNKNOWN)]
    for side, known in zip(sides, (settled, given_sides), strict=True):
        for row, value in (known or {}).items():
            side[row] = value
    return Arrivals(named(n), np.array(labels, np.int64), np.array(groups or range(n), np.int64), sides[0], sides[1])


def per_label(is_valid: np.ndarray, labels: list[int]) -> dict[int, int]:
    return {label: int(is_valid[np.array(labels) == label].sum()) for label in sorted(set(labels))}


def test_every_label_gives_its_share_to_validation():
    labels = [0] * 100 + [1] * 50 + [2] * 10
    assert per_label(draw_split(arrivals(labels), 20, 42), labels) == {0: 20, 1: 10, 2: 2}
    assert per_label(draw_split(arrivals(labels), 35, 42), labels) == {0: 35, 1: 18, 2: 4}


def test_two_images_of_a_label_go_one_to_each_side_and_a_single_one_is_trained_on():
    labels = [0, 0, 1] + [2] * 10
    is_valid = draw_split(arrivals(labels), 5, 42)
    assert per_label(is_valid, labels) == {0: 1, 1: 0, 2: 1}


def test_two_large_groups_of_a_label_go_one_to_each_side():
    labels = [0] * 10
    is_valid = draw_split(arrivals(labels, [1] * 6 + [2] * 4), 10, 42)
    assert is_valid.tolist() == [False] * 6 + [True] * 4  # the smaller one is held out


def test_another_seed_draws_another_split():
    labels = [0] * 200
    first, second = (draw_split(arrivals(labels), 20, seed) for seed in (42, 43))
    assert first.sum() == second.sum() == 40
    assert (first != second).any()


def test_the_same_picture_under_two_labels_lies_on_one_side():
    labels = [0] * 20 + [1] * 20
    groups = [*range(20), *range(20)]  # every picture is filed under both
    is_valid = draw_split(arrivals(labels, groups), 20, 42)
    assert is_valid[:20].tolist() == is_valid[20:].tolist()
    assert is_valid[:20].sum() == 4


def test_a_small_label_gets_its_share_although_all_its_pictures_are_filed_under_a_large_one_too():
    labels = [0] * 1000 + [1] * 10
    groups = [*range(1000), *range(10)]
    assert per_label(draw_split(arrivals(labels, groups), 20, 42), labels)[1] == 2


def test_settled_images_stay_and_new_near_duplicates_join_them():
    labels = [0] * 10
    found = draw_split(arrivals(labels, [0, 1, 2, 3, 0, 1, 4, 5, 6, 7], settled={0: VALID, 1: TRAIN}), 20, 42)
    assert (found[0], found[4]) == (True, True)
    assert (found[1], found[5]) == (False, False)


def test_a_new_picture_between_two_settled_sides_is_trained_on_and_neither_of_them_moves():
    is_valid = draw_split(arrivals([0, 0, 0], [7, 7, 7], settled={0: VALID, 1: TRAIN}), 50, 42)
    assert is_valid.tolist() == [True, False, False]


def test_a_later_import_tops_a_label_up_to_its_share():
    labels = [0] * 100
    settled = dict.fromkeys(range(50), TRAIN)  # 50 are there, all trained on
    is_valid = draw_split(arrivals(labels, settled=settled), 20, 42)
    assert (is_valid[:50].sum(), is_valid[50:].sum()) == (0, 20)
    settled = dict.fromkeys(range(30), VALID) | dict.fromkeys(range(30, 50), TRAIN)  # more than enough is held out
    assert draw_split(arrivals(labels, settled=settled), 20, 42)[50:].sum() == 0


def test_images_in_the_bin_count_for_no_share():
    labels = [-1] * 50 + [0] * 50
    settled = dict.fromkeys(range(50), VALID)
    assert draw_split(arrivals(labels, settled=settled), 20, 42)[50:].sum() == 10


def test_given_sides_are_kept_except_where_they_would_part_near_duplicates():
    sides = {0: TRAIN, 1: VALID, 2: VALID, 3: TRAIN}
    is_valid = draw_split(arrivals([0, 0, 0, 0], [0, 1, 2, 2], given_sides=sides), 20, 42)
    assert is_valid.tolist() == [False, True, False, False]  # 2 and 3 are alike: train wins


def test_a_given_side_yields_to_a_near_duplicate_that_is_settled():
    is_valid = draw_split(arrivals([0, 0], [0, 0], settled={0: VALID}, given_sides={1: TRAIN}), 20, 42)
    assert is_valid.tolist() == [True, True]


def test_nothing_to_draw_is_an_empty_split():
    assert draw_split(arrivals([]), 20, 42).tolist() == []


@st.composite
def cases(draw: st.DrawFn) -> tuple[Arrivals, float, int]:
    """Up to 60 images, groups within one label, some settled (a whole group at a time)."""
    n = draw(st.integers(1, 60))
    groups = draw(st.lists(st.integers(0, 40), min_size=n, max_size=n))
    label_of = draw(st.lists(st.integers(0, 3), min_size=41, max_size=41))
    side_of = draw(st.lists(st.sampled_from([UNKNOWN] * 4 + [TRAIN, VALID]), min_size=41, max_size=41))
    settled = {row: side_of[group] for row, group in enumerate(groups)}
    made = arrivals([label_of[group] for group in groups], groups, settled)
    return made, draw(st.floats(1, 90)), draw(st.integers(0, 5))


@settings(deadline=None, max_examples=150)
@given(cases())
def test_groups_stay_whole_settled_images_stay_and_shares_are_right_within_one_group(case):
    made, valid_pct, seed = case
    is_valid = draw_split(made, valid_pct, seed)
    for group in np.unique(made.groups):
        assert len(set(is_valid[made.groups == group].tolist())) == 1
    is_settled = made.settled != UNKNOWN
    assert (is_valid[is_settled] == (made.settled[is_settled] == VALID)).all()
    for label in np.unique(made.labels):
        mine = made.labels == label
        of_mine = np.unique(made.groups[mine])
        if is_settled[mine].any():
            continue
        largest = max(int((made.groups[mine] == group).sum()) for group in of_mine)
        assert abs(is_valid[mine].sum() - mine.sum() * valid_pct / 100) <= max(largest, 1)
        if len(of_mine) >= 2:
            assert 0 < is_valid[mine].sum() < mine.sum()


@settings(deadline=None, max_examples=50)
@given(cases(), st.randoms())
def test_the_order_of_files_plays_no_part(case, chance):
    made, valid_pct, seed = case
    order = list(range(len(made.shas)))
    chance.shuffle(order)
    shuffled = Arrivals(
        [made.shas[i] for i in order], made.labels[order], made.groups[order], made.settled[order], made.given[order]
    )
    assert (draw_split(shuffled, valid_pct, seed) == draw_split(made, valid_pct, seed)[order]).all()
