"""The start of a kernel head: kernel ridge regression on the features of the training pictures, before any epoch."""

from functools import wraps

import numpy as np
import torch
from fastai.learner import Learner
from scipy.linalg import eigh
from torch import nn

from curate.embeddings import quick_look_head
from curate.training.fitting import frozen_features
from curate.training.fitting.frozen_features import GoesOn
from curate.training.networks import kernel_head
from curate.training.networks.kernel_head import Size

_MOST_DIRECTIONS, _LENGTH = 256, 10.0  # as in the quick look (see `doubts.projection`)


def size_for(n_train: int) -> Size:
    """Returns the size of the head for so many training pictures: 3 sqrt(n) directions, at most 256."""
    n_directions = max(1, min(_MOST_DIRECTIONS, round(3 * n_train**0.5), n_train - 1))
    return Size(n_directions, min(n_train, quick_look_head.MOST_FITTED))


def begin(learn: Learner, goes_on: GoesOn) -> None:
    """Fit the head of a learner that has learnt nothing yet.

    goes_on: receives (pictures done, all) after every batch; when it returns False, the head stays random.
    """
    rows = learn.dls.train.dataset
    with torch.random.fork_rng(devices=[]):  # keep the random numbers that the loaders draw
        features = frozen_features.of_loader(learn, 0, lambda n_done: goes_on(n_done, len(rows)))
    if features is None:
        return
    head = learn.model[1]
    mean, matrix = _projection(features, head[kernel_head.KERNEL].in_features - 1)
    fitted = quick_look_head.fit(mean, matrix, features, rows.labels[rows.rows], learn.dls.c)
    parts = (fitted.mean, fitted.matrix, fitted.points, fitted.solved)
    kernel_head.fill(head, *parts, quick_look_head.SHARPNESS, float(fitted.temperature[0]))


def keep_precise(head: nn.Sequential) -> None:
    """Make the head compute in float32 in any case: bfloat16 costs the kernel 0.004 of its accuracy."""
    forward = head.forward

    @wraps(forward)
    def precise(x: torch.Tensor) -> torch.Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return forward(x.float())

    head.forward = precise  # type: ignore[method-assign]


def _projection(features: np.ndarray, n_directions: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the (D,) mean and the (D, d) principal directions, half whitened; zeros beyond those there are."""
    mean = features.mean(axis=0, dtype=np.float64)
    centred = features - mean
    n, n_features = centred.shape
    is_wide = n < n_features
    products = (centred @ centred.T if is_wide else centred.T @ centred) / max(1, n - 1)
    last = len(products) - 1
    variances, vectors = eigh(products, subset_by_index=(max(0, last + 1 - n_directions), last))
    spreads = np.sqrt(np.maximum(variances[::-1], 1e-12))
    directions = vectors[:, ::-1]
    if is_wide:
        directions = centred.T @ directions
        directions /= np.maximum(np.linalg.norm(directions, axis=0), 1e-12)
    matrix = np.zeros((n_features, n_directions), np.float32)
    matrix[:, : len(spreads)] = directions / np.sqrt(spreads) * (_LENGTH / np.sqrt(spreads.sum()))
    return mean.astype(np.float32), matrix
