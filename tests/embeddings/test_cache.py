"""Embeddings on disk: found by the picture's name, whoever put them there, whenever they were killed."""

import hashlib
import os
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.embeddings.cache import EmbeddingCache


def name(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def rows(numbers: list[int]) -> np.ndarray:
    """Two features a picture: its number, and the number's square."""
    return np.array([[n, n * n] for n in numbers], np.float16)


def test_what_was_added_is_read_in_the_order_asked_for(tmp_path):
    cache = EmbeddingCache(tmp_path / "cache")
    cache.add([name(1), name(2)], rows([1, 2]))
    cache.add([name(3)], rows([3]))
    for opened in (cache, EmbeddingCache(tmp_path / "cache")):
        assert opened.read([name(3), name(1), name(2), name(1)]).tolist() == [[3, 9], [1, 1], [2, 4], [1, 1]]
        assert opened.has([name(4), name(2)]).tolist() == [False, True]


def test_a_picture_without_a_row_is_named(tmp_path):
    cache = EmbeddingCache(tmp_path / "cache")
    cache.add([name(1)], rows([1]))
    with pytest.raises(KeyError, match=name(7)):
        cache.read([name(1), name(7)])


def test_an_empty_cache_has_nothing(tmp_path):
    cache = EmbeddingCache(tmp_path / "cache")
    assert cache.has([name(1)]).tolist() == [False]
    assert cache.read([]).shape == (0, 0)


def test_two_that_write_at_once_both_count_and_may_add_the_same_picture(tmp_path):
    first, second = EmbeddingCache(tmp_path / "cache"), EmbeddingCache(tmp_path / "cache")
    first.add([name(1), name(2)], rows([1, 2]))
    second.add([name(2), name(3)], rows([2, 3]))
    assert EmbeddingCache(tmp_path / "cache").read([name(n) for n in (1, 2, 3)]).tolist() == [[1, 1], [2, 4], [3, 9]]


def test_values_whose_keys_a_kill_prevented_do_not_count_and_go_after_an_hour(tmp_path):
    cache = EmbeddingCache(tmp_path)
    cache.add([name(1)], rows([1]))
    (keys,) = tmp_path.glob("*.keys")
    keys.unlink()
    assert EmbeddingCache(tmp_path).has([name(1)]).tolist() == [False]
    (values,) = tmp_path.glob("*.npy")
    os.utime(values, (time.time() - 3700, time.time() - 3700))
    EmbeddingCache(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", [0, 40, 129])
def test_a_shard_that_a_power_cut_left_short_is_not_believed(tmp_path, left):
    EmbeddingCache(tmp_path).add([name(1), name(2)], rows([1, 2]))
    (values,) = tmp_path.glob("*.npy")
    values.write_bytes(values.read_bytes()[:left])
    assert EmbeddingCache(tmp_path).has([name(1), name(2)]).tolist() == [False, False]


@settings(deadline=None)  # it writes files
@given(st.lists(st.integers(0, 60), max_size=40), st.lists(st.integers(0, 60), min_size=1, max_size=20))
def test_whatever_was_added_in_whatever_order_is_found_and_nothing_else(tmp_path_factory, added, asked):
    cache = EmbeddingCache(tmp_path_factory.mktemp("cache"))
    for start in range(0, len(added), 7):
        part = added[start : start + 7]
        cache.add([name(n) for n in part], rows(part))
    assert cache.has([name(n) for n in asked]).tolist() == [n in added for n in asked]
    known = [n for n in asked if n in added]
    if known:
        assert np.array_equal(cache.read([name(n) for n in known]), rows(known))
