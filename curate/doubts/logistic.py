"""Multinomial logistic regression on soft targets, started from where the last fit ended."""

import numpy as np
from scipy.optimize import minimize

# Rows converted at once: 65,536 of 512 float32 features take 134 MB, so that features can be stored in float16.
CHUNK_ROWS = 65_536


def fit(
    features: np.ndarray,
    targets: np.ndarray,
    penalty: float,
    start: np.ndarray | None = None,
    iterations: int = 40,
) -> np.ndarray:
    """Returns the coefficients (D + 1, C) float32 with the smallest mean cross-entropy; the last row: intercepts.

    features: (N, D).  targets: (N, C), rows sum to 1.  penalty: on the squared coefficients, none on the intercepts.
    start: initial coefficients. scikit-learn's takes no soft targets: every row would have to be repeated for every
    label. Source of the minimiser: L-BFGS-B, `scipy.optimize.minimize`.
    """
    rows = _with_ones(features)
    shape = rows.shape[1], targets.shape[1]
    targets = targets.astype(np.float32, copy=False)
    share = np.float32(1 / len(rows))

    def cost(flat: np.ndarray) -> tuple[float, np.ndarray]:
        coefficients = flat.reshape(shape).astype(np.float32)
        logits = rows @ coefficients
        logits -= logits.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
        logits -= log_sum
        loss = -float((share * targets * logits).sum(dtype=np.float64))
        slope = rows.T @ (share * (np.exp(logits) - targets))
        shrunk = coefficients.copy()
        shrunk[-1] = 0.0
        loss += penalty / 2 * float((shrunk * shrunk).sum(dtype=np.float64))
        return loss, (slope + penalty * shrunk).ravel().astype(np.float64)

    first = np.zeros(shape) if start is None else start
    result = minimize(
        cost, first.ravel().astype(np.float64), jac=True, method="L-BFGS-B", options={"maxiter": iterations}
    )
    return result.x.reshape(shape).astype(np.float32)


def predict(features: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Returns probabilities (N, C) float32, computed in chunks of rows.

    >>> predict(np.array([[1.0], [-1.0]]), np.array([[0.0, 2.0], [0.0, 0.0]])).round(2)
    array([[0.12, 0.88],
           [0.88, 0.12]], dtype=float32)
    """
    result = np.empty((len(features), coefficients.shape[1]), dtype=np.float32)
    for begin in range(0, len(features), CHUNK_ROWS):
        rows = features[begin : begin + CHUNK_ROWS].astype(np.float32)
        result[begin : begin + CHUNK_ROWS] = softmax(rows @ coefficients[:-1] + coefficients[-1])
    return result


def softmax(logits: np.ndarray) -> np.ndarray:
    """Returns the softmax of each row."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _with_ones(features: np.ndarray) -> np.ndarray:
    rows = np.ones((len(features), features.shape[1] + 1), dtype=np.float32)
    rows[:, :-1] = features
    return rows
