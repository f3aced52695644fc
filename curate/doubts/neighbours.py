"""The images that lie next to an image in the space of embeddings, found exactly, in blocks."""

from dataclasses import dataclass

import numpy as np

N_NEIGHBOURS = 30  # kept; the first 10 are named in explanations
# Beyond this many images, neighbours are looked for among so many drawn at random: 30 of 30,000 still lie close.
_MOST_REFERENCES = 30_000
_BLOCK_ROWS = 1_024
_GROUP = 64  # columns whose largest cosine is looked at first
_DIRECTIONS = 128
_NOBODY = -2.0  # less than any cosine


@dataclass(frozen=True)
class Neighbours:
    """rows: (N, k) int32 rows of the nearest other images, nearest first; similarities: (N, k) float32 cosines."""

    rows: np.ndarray
    similarities: np.ndarray


def find(features: np.ndarray, k: int = N_NEIGHBOURS, seed: int = 0) -> Neighbours:
    """For each of N images its k nearest others (fewer when there are no more) by cosine of their first 128 features.

    Exact up to 30,000 images; beyond, exact among 30,000 of them. Memory: 250 MB at most beside the result.

    >>> find(np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]]), k=1).rows.ravel()
    array([1, 0, 1], dtype=int32)
    """
    directions = _directions(features)
    n = len(directions)
    references = np.arange(n)
    if n > _MOST_REFERENCES:
        references = np.sort(np.random.default_rng(seed).choice(n, _MOST_REFERENCES, replace=False))
    spare = -len(references) % _GROUP  # columns of nobody, to fill the last group
    among = np.zeros((directions.shape[1], len(references) + spare), dtype=np.float32)
    among[:, : len(references)] = directions[references].T
    k = min(k, len(references) - 1)
    rows, similarities = np.empty((n, k), dtype=np.int32), np.empty((n, k), dtype=np.float32)
    for begin in range(0, n, _BLOCK_ROWS):
        block = directions[begin : begin + _BLOCK_ROWS].astype(np.float32) @ among
        block[:, len(references) :] = _NOBODY
        _forget_itself(block, begin, references)
        nearest = _largest(block, k)
        near = np.take_along_axis(block, nearest, axis=1)
        order = np.argsort(-near, axis=1, kind="stable")
        rows[begin : begin + _BLOCK_ROWS] = references[np.take_along_axis(nearest, order, axis=1)]
        similarities[begin : begin + _BLOCK_ROWS] = np.take_along_axis(near, order, axis=1)
    return Neighbours(rows, similarities)


def votes(neighbours: Neighbours, labels: np.ndarray, n_labels: int, k: int = N_NEIGHBOURS) -> np.ndarray:
    """How much of its k nearest neighbours' say each label has: (N, C) float32, rows sum to 1.

    The nearest has the most to say: weights exp((s - s of the nearest) / 0.1) by cosine s.
    """
    rows, similarities = neighbours.rows[:, :k], neighbours.similarities[:, :k]
    weights = np.exp((similarities - similarities[:, :1]) / 0.1)
    weights /= weights.sum(axis=1, keepdims=True)
    n = len(rows)
    cells = np.arange(n)[:, None] * n_labels + labels[rows]
    return np.bincount(cells.ravel(), weights.ravel(), minlength=n * n_labels).reshape(n, n_labels).astype(np.float32)


def distances(features: np.ndarray, neighbours: Neighbours, k: int = 10) -> np.ndarray:
    """How far every image lies from the middle of all, and from its k nearest on average: (N, 2) float32.

    Measured along the first directions, each divided by its spread, no more of them than images can settle (64, or one
    for every 20 images). Source: Mahalanobis (1936).
    """
    n_directions = min(64, max(4, len(features) // 20), features.shape[1])
    spreads = features[:, :n_directions].astype(np.float32).std(axis=0)
    spreads[spreads < 1e-6] = 1.0
    rows = features[:, :n_directions] / spreads
    rows -= rows.mean(axis=0)
    found = np.empty((len(rows), 2), dtype=np.float32)
    found[:, 0] = np.sqrt((rows**2).sum(axis=1))
    for begin in range(0, len(rows), _BLOCK_ROWS):
        part = slice(begin, begin + _BLOCK_ROWS)
        apart = rows[part, None] - rows[neighbours.rows[part, :k]]
        found[part, 1] = np.sqrt((apart**2).sum(axis=2)).mean(axis=1) if apart.shape[1] else 0.0
    return found


def _directions(features: np.ndarray) -> np.ndarray:
    """The first features at length 1, float16."""
    first = features[:, :_DIRECTIONS].astype(np.float32)
    return (first / np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-6)).astype(np.float16)


def _largest(block: np.ndarray, k: int) -> np.ndarray:
    """Columns of the k largest of every row, in no order: they lie in the k groups with the largest maxima.

    Exact, and ten times as fast as partitioning whole rows.
    """
    n, width = block.shape
    if width <= 4 * k * _GROUP:
        return np.argpartition(-block, k - 1, axis=1)[:, :k]
    maxima = block.reshape(n, -1, _GROUP).max(axis=2)
    groups = np.argpartition(-maxima, k - 1, axis=1)[:, :k]
    columns = (groups[:, :, None] * _GROUP + np.arange(_GROUP)).reshape(n, -1)
    best = np.argpartition(-np.take_along_axis(block, columns, axis=1), k - 1, axis=1)[:, :k]
    return np.take_along_axis(columns, best, axis=1)


def _forget_itself(block: np.ndarray, begin: int, references: np.ndarray) -> None:
    """No image is its own neighbour: its cosine is set below all others."""
    first, last = np.searchsorted(references, [begin, begin + len(block)])
    block[references[first:last] - begin, np.arange(first, last)] = _NOBODY
