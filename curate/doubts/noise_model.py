"""A model of label noise: how given labels arise from true ones, estimated without true labels."""

import numpy as np


def transition(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns the probability of each given label (column) for a true label (row): (C, C) float32, rows sum to 1.

    probabilities: (N, C) held-out, taken as the truth; a label without any probability keeps itself.
    Source: the M step of Dawid and Skene (1979), with a classifier for the second observer.

    >>> transition(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), np.array([0, 1, 1]))
    array([[0.5, 0.5],
           [0. , 1. ]], dtype=float32)
    """
    n_labels = probabilities.shape[1]
    joint = np.zeros((n_labels, n_labels))
    for label in range(n_labels):
        joint[:, label] = probabilities[labels == label].sum(axis=0, dtype=np.float64)
    joint += 1e-9 * np.eye(n_labels)
    return (joint / joint.sum(axis=1, keepdims=True)).astype(np.float32)


def posterior(probabilities: np.ndarray, labels: np.ndarray, transitions: np.ndarray) -> np.ndarray:
    """Returns the probability of each true label by held-out probabilities and given label: (N, C), rows sum to 1.

    Source: the E step of Dawid and Skene (1979); Bayes' rule.

    >>> posterior(np.array([[0.5, 0.5]]), np.array([0]), np.array([[0.9, 0.1], [0.1, 0.9]])).round(2)
    array([[0.9, 0.1]])
    """
    likelihood = probabilities * transitions[:, labels].T
    return likelihood / np.maximum(likelihood.sum(axis=1, keepdims=True), 1e-12)
