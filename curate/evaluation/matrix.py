"""The confusion matrix and its metrics. Rows are the actual labels, columns the predicted ones."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def confusion(labels: np.ndarray, predicted: np.ndarray, n_labels: int) -> np.ndarray:
    """Returns (C, C) int64 numbers of images by label (row) and predicted label (column), which sum to N.

    labels, predicted: (N,) int positions in [0, C), else ValueError. Memory is C² + N, never C² × N.

    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    array([[1, 1],
           [0, 1]])
    """
    labels, predicted = np.asarray(labels, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    for name, positions in (("labels", labels), ("predicted", predicted)):
        if positions.size and not 0 <= positions.min() <= positions.max() < n_labels:
            raise ValueError(f"{name} must be positions from 0 to {n_labels - 1}")
    cells = np.bincount(labels * n_labels + predicted, minlength=n_labels**2)
    return cells.reshape(n_labels, n_labels)


def row_shares(matrix: np.ndarray) -> np.ndarray:
    """Returns each cell's share of its label's images: (C, C) in [0, 1]; rows sum to 1, or are NaN without images."""
    return divide(matrix, matrix.sum(axis=1, keepdims=True))


def divide(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Returns part / whole as float64, NaN where whole is 0 (no warning)."""
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=np.float64), whole)
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)


def per_label(matrix: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Returns a row per label, in label order: `label`, `precision`, `recall`, `f1` in [0, 1] (0 = bad), `support`.

    NaN is undefined and shown as an empty cell: recall without images of the label, precision when it was never
    predicted, F1 when both are undefined. A label with images that was never predicted has F1 0.
    """
    right, support, n_predicted = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return pd.DataFrame(
        {
            "label": list(names),
            "precision": divide(right, n_predicted),
            "recall": divide(right, support),
            "f1": divide(2 * right, support + n_predicted),
            "support": support,
        }
    )


def macro(table: pd.DataFrame) -> dict[str, float]:
    """Returns means of precision, recall and F1 over the labels with images, each counting the same; NaN if none.

    table: from `per_label`. A label never predicted has no precision and is left out of that mean only (scikit-learn
    counts it as 0 and warns).
    """
    with_images = table[table["support"] > 0]
    return {name: float(with_images[name].mean()) for name in ("precision", "recall", "f1")}


def accuracy(matrix: np.ndarray) -> float:
    """Returns the share of images whose predicted label is their label; NaN without images."""
    return float(divide(np.trace(matrix), matrix.sum()))


def most_confused(matrix: np.ndarray, names: Sequence[str], n: int = 20) -> pd.DataFrame:
    """Returns the n largest errors, most pictures first; ties by their share of the label, then label order.

    Columns: `actual`, `predicted` (positions), `label`, `predicted_label` (their names), `pictures`, `share` (of the
    label's images, in [0, 1]). Cells without pictures are left out.
    """
    actual, predicted = np.nonzero(matrix - np.diag(np.diag(matrix)))
    pictures = matrix[actual, predicted]
    share = pictures / matrix.sum(axis=1)[actual]
    order = np.lexsort((predicted, actual, -share, -pictures))[:n]
    return pd.DataFrame(
        {
            "actual": actual[order],
            "predicted": predicted[order],
            "label": [names[row] for row in actual[order]],
            "predicted_label": [names[column] for column in predicted[order]],
            "pictures": pictures[order],
            "share": share[order],
        }
    )


def most_confused_labels(matrix: np.ndarray, n: int) -> np.ndarray:
    """Returns positions of about the n labels with the largest errors, in label order, for large C.

    It takes both labels of each error, from the largest on, so that every drawn label is beside the one it is confused
    with, and then the labels with most images. Returns (min(n, C),) int.
    """
    chosen: dict[int, None] = {}
    pairs = most_confused(matrix, [""] * len(matrix), n=n * n)
    for pair in zip(pairs["actual"].tolist(), pairs["predicted"].tolist(), strict=True):
        if len(chosen.keys() | set(pair)) <= n:
            chosen.update(dict.fromkeys(pair))
    for position in np.argsort(-matrix.sum(axis=1), kind="stable").tolist():
        if len(chosen) < n:
            chosen.setdefault(position)
    return np.sort(np.array(list(chosen), dtype=np.int64))
