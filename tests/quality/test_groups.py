"""Groups of duplicates from pairs, and which of a group is the best."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curate.quality.groups import best_first, linked


def test_no_pairs_are_no_groups():
    assert linked(np.zeros(0, np.int64), np.zeros(0, np.int64)) == []


def test_a_chain_is_one_group_in_whatever_order_its_links_come():
    assert linked(np.array([30, 10, 40]), np.array([20, 30, 10])) == [[10, 20, 30, 40]]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_groups_are_the_connected_parts(pairs):
    pairs = [(a, b) for a, b in pairs if a != b]
    parts: list[set[int]] = []
    for a, b in pairs:
        touched = [part for part in parts if part & {a, b}]
        parts = [part for part in parts if not part & {a, b}] + [set().union({a, b}, *touched)]
    linked_groups = linked(np.array([a for a, _ in pairs], np.int64), np.array([b for _, b in pairs], np.int64))
    assert linked_groups == sorted(sorted(part) for part in parts)


def test_the_largest_comes_first_then_the_sharpest_then_the_largest_file():
    assert best_first([(100, 0.9, 1), (400, 0.1, 1), (399, 0.2, 1)]) == [2, 1, 0]
    assert best_first([(100, 0.1, 5), (100, 0.1, 9)]) == [1, 0]
    assert best_first([(100, 0.1, 5), (100, 0.1, 5)]) == [0, 1]
    assert best_first([]) == []
