"""Probabilities that mean what they say: a temperature, fitted on pictures that were held out. No torch here.

Source: Guo and others (2017), "On Calibration of Modern Neural Networks".
"""

import numpy as np
from scipy.optimize import minimize_scalar

_LEAST = 1e-37  # about float32's smallest: the logarithm of 0 would not be a number
_SURE = 0.98  # no label counts as impossible: a few wrong ones would otherwise choose the temperature
_COLDEST, _HOTTEST = 0.25, 8.0
_PRIOR = 2.0  # the pull towards 1, as strong as two pictures: a few pictures cannot move it far


def fit(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature under which the labels of held-out pictures are likeliest; 1 without any.

    probabilities: (N, C); labels: (N,) positions, some of which may be wrong. Above 1 = the model was too sure.
    """
    if not len(labels):
        return 1.0
    logits, rows = _logarithms(probabilities), np.arange(len(labels))

    def cost(log_temperature: float) -> float:
        own = _softmax(logits / np.exp(log_temperature))[rows, labels]
        likely = np.log(_SURE * own + (1 - _SURE) / probabilities.shape[1])
        return float(_PRIOR * log_temperature**2 - likely.sum())

    bounds = (np.log(_COLDEST), np.log(_HOTTEST))
    minimum = minimize_scalar(cost, bounds=bounds, method="bounded")
    return round(float(np.exp(minimum.x)), 4)


def apply(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """(N, C) float32, rows sum to 1: surer below a temperature of 1, less sure above; the order of labels stays.

    >>> apply(np.array([[0.9, 0.1]]), 2.0).round(2)
    array([[0.75, 0.25]], dtype=float32)
    """
    if temperature == 1.0:
        return probabilities.astype(np.float32, copy=False)
    return _softmax(_logarithms(probabilities) / temperature).astype(np.float32)


def _logarithms(probabilities: np.ndarray) -> np.ndarray:
    logarithms: np.ndarray = np.log(np.maximum(probabilities.astype(np.float64), _LEAST))
    return logarithms


def _softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    quotient: np.ndarray = raised / raised.sum(axis=1, keepdims=True)
    return quotient
