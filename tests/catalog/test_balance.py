"""Which labels have too few images."""

from curate.catalog.balance import shortages


def kinds(*counts: tuple[int, int]) -> list[tuple[int, str]]:
    return [(short.place, short.kind) for short in shortages(counts)]


def test_what_stops_a_training_comes_first():
    assert kinds((1, 5), (50, 10), (0, 2), (40, 0), (60, 12)) == [(2, "train"), (0, "train"), (3, "valid")]


def test_a_quarter_of_the_usual_is_few():
    assert kinds((80, 20), (80, 20), (20, 5)) == [(2, "few")]  # 25 of a median of 100
    assert kinds((80, 20), (80, 20), (21, 5)) == []


def test_a_label_that_was_emptied_is_not_short_and_does_not_count_towards_the_usual():
    assert kinds((80, 20), (0, 0), (0, 0), (0, 0), (20, 5), (80, 20)) == [(4, "few")]
    assert kinds((80, 20), (0, 0)) == []


def test_nothing_is_short_where_there_is_nothing():
    assert kinds() == []
    assert kinds((0, 0)) == []
