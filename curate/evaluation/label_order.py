"""Orders and folds the labels of a confusion matrix, so that a large one can be read."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

OTHER = "(other)"
ORDERS: Mapping[str, str] = MappingProxyType(
    {"given": "As in the project", "name": "Name", "size": "Pictures", "errors": "Errors", "alike": "Confused together"}
)


def order_labels(matrix: np.ndarray, names: Sequence[str], order: str) -> np.ndarray:
    """Returns (C,) positions of the labels in an order of `ORDERS`; ties stay in label order.

    size, errors: the most first; errors are a label's missed pictures and those wrongly predicted as it.
    alike: labels that are confused with each other stand side by side; 0.1 s for 400 labels.
    Source: Bar-Joseph and others (2001); `scipy.cluster.hierarchy.optimal_leaf_ordering`.

    >>> order_labels(np.array([[5, 0], [3, 9]]), ["cat", "ant"], "name")
    array([1, 0])
    """
    n = len(matrix)
    if order == "name":
        return np.array(sorted(range(n), key=lambda place: (names[place].casefold(), place)), np.int64)
    if order == "size":
        return np.argsort(-matrix.sum(axis=1), kind="stable")
    if order == "errors":
        return np.argsort(-(matrix.sum(axis=1) + matrix.sum(axis=0) - 2 * np.diag(matrix)), kind="stable")
    return _alike(matrix) if order == "alike" else np.arange(n)


def confusion_shares(matrix: np.ndarray) -> np.ndarray:
    """Returns (C, C) how much two labels are confused, in [0, 1]: the mean of both directions' shares of their label.

    >>> confusion_shares(np.array([[3, 1], [0, 4]]))
    array([[0.   , 0.125],
           [0.125, 0.   ]])
    """
    sizes = np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    shares = matrix / sizes
    both = (shares + shares.T) / 2
    np.fill_diagonal(both, 0)
    return np.asarray(both)


def fold(matrix: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Returns (G, G) counts of a matrix whose labels are folded into groups; groups: (C,) places from 0 to G - 1.

    >>> fold(np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), np.array([0, 1, 0]))
    array([[20, 10],
           [10,  5]])
    """
    n_groups = int(groups.max()) + 1 if len(groups) else 0
    rows = np.zeros((n_groups, matrix.shape[1]), matrix.dtype)
    np.add.at(rows, groups, matrix)
    folded = np.zeros((n_groups, n_groups), matrix.dtype)
    np.add.at(folded.T, groups, rows.T)
    return folded


def _alike(matrix: np.ndarray) -> np.ndarray:
    n = len(matrix)
    if n < 3:
        return np.arange(n)
    # Imported here: 0.1 s that a page without this order need not wait for.
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering

    distances = 1 - confusion_shares(matrix)[np.triu_indices(n, 1)]
    tree = optimal_leaf_ordering(linkage(distances, method="average"), distances)
    return np.asarray(leaves_list(tree), np.int64)
