"""What figures need of each picture's probabilities, from one pass over them in blocks of rows."""

from dataclasses import dataclass

import numpy as np

BLOCK_ROWS = 16_384  # of 100 labels take 6.5 MB
_SMALLEST = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True)
class PerPicture:
    """(K,) arrays in the order of the rows asked for.

    predicted: column with the highest probability.  p_first, p_second: the two highest probabilities, in [0, 1].
    p_actual: of the picture's label, 0 for a label that the run did not know.  rank: how many labels have a higher
    probability than the picture's own, 0 = it is the first; the number of labels for one that the run did not know.
    loss: cross-entropy, 0 = certain and right; at most 87.3.
    """

    predicted: np.ndarray
    p_first: np.ndarray
    p_second: np.ndarray
    p_actual: np.ndarray
    rank: np.ndarray
    loss: np.ndarray


def per_picture(probabilities: np.ndarray, rows: np.ndarray, actual: np.ndarray) -> PerPicture:
    """Returns the figures of these rows.

    probabilities: (N, C), may be memory-mapped; memory beside it: 21 bytes a picture and one block.  rows: (K,)
    ascending.  actual: (K,) columns of the labels, -1 for a label that the run did not know.
    """
    n, n_labels = len(rows), probabilities.shape[1]
    predicted, rank = np.zeros(n, np.int32), np.full(n, n_labels, np.int32)
    firsts, seconds, own = (np.zeros(n, np.float32) for _ in range(3))
    for start in range(0, n, BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        block = np.array(probabilities[_contiguous(rows[part])], np.float32)
        every, columns = np.arange(len(block)), actual[part]
        is_known = columns >= 0
        mine = np.where(is_known, block[every, np.maximum(columns, 0)], 0)
        rank[part] = np.where(is_known, np.count_nonzero(block > mine[:, None], axis=1), n_labels)
        best = block.argmax(axis=1)
        predicted[part], own[part], firsts[part] = best, mine, block[every, best]
        block[every, best] = -1
        seconds[part] = np.maximum(block.max(axis=1, initial=0), 0)
    loss = -np.log(np.clip(own, _SMALLEST, 1, dtype=np.float32)) + np.float32(0)
    return PerPicture(predicted, firsts, seconds, own, rank, loss)


def _contiguous(rows: np.ndarray) -> slice | np.ndarray:
    """Returns the rows as a slice where they follow each other, which reads a file without picking rows."""
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows) and (np.diff(rows) == 1).all():
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows
