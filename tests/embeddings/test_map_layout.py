"""Embeddings laid out in the plane: what was laid out before stays about where it was."""

import numpy as np

from curate.embeddings import map_layout


def clouds(n: int) -> np.ndarray:
    """(2 n, 6) features: two clouds far from each other, the first n in the one."""
    rows = np.random.default_rng(0).normal(0, 0.3, (2 * n, 6))
    rows[:n, 0] += 4
    return rows.astype(np.float16)


def test_what_was_on_the_map_keeps_its_place_and_what_is_new_lies_among_its_like() -> None:
    features = clouds(40)
    first = map_layout.lay_out(features, lambda words, share: None)
    start = first.astype(np.float64)
    start[[0, 79]] = np.nan
    again = map_layout.lay_out(features, lambda words, share: None, start)
    assert np.median(np.linalg.norm(again - first, axis=1)) < 0.15
    middles = again[1:40].mean(axis=0), again[40:79].mean(axis=0)
    nearer = [int(np.argmin([np.linalg.norm(again[i] - middle) for middle in middles])) for i in (0, 79)]
    assert nearer == [0, 1]
