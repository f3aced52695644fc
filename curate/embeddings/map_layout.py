"""Lays out embeddings in the plane with t-SNE (openTSNE), similar pictures side by side.

Of three maintained libraries only openTSNE needs no compiler at run time: 12 MB beside numpy, scipy and scikit-learn.
umap-learn and pacmap need numba and LLVM (150 MB, and 10 s of compiling in every new process).
"""

from typing import Any

import numpy as np

from curate.progress import OnProgress

DIRECTIONS = 64  # of the features, used for the neighbours
_PERPLEXITY = 30
_EARLY, _LATE = 150, 350  # steps; more moved points invisibly little
_SHORT = 150  # from places that are nearly right already
_EVERY = 10  # steps between two reports


def lay_out(
    features: np.ndarray, on_progress: OnProgress, start: np.ndarray | None = None, n_jobs: int = 1
) -> np.ndarray:
    """Returns (N, 2) float32 places in [0, 1] for (N, d) features (as from `projection`), N at least 5.

    start: (N, 2) initial places, NaN for new pictures: known pictures keep roughly their place, and new ones are put
    among similar ones. on_progress may raise to stop. The same features give the same places.
    """
    from openTSNE import TSNEEmbedding, affinity, initialization

    rows = features[:, :DIRECTIONS].astype(np.float32)
    on_progress("Looking for look-alikes", 0.0)
    likeness = affinity.PerplexityBasedNN(
        rows, perplexity=min(_PERPLEXITY, (len(rows) - 1) / 3), n_jobs=n_jobs, random_state=0
    )
    if start is not None and np.isnan(start[:, 0]).mean() > 0.5:
        start = None  # mostly new pictures: start afresh
    is_new = start is None
    begin = initialization.pca(rows, random_state=0) if start is None else _begin(start, likeness.P)
    n_steps = _EARLY + _LATE if is_new else _SHORT
    done = 0

    def step_done(_step: int, _error: float, _places: np.ndarray) -> None:
        nonlocal done
        done += _EVERY
        on_progress("Laying out", min(1.0, done / n_steps))

    laid = TSNEEmbedding(
        begin, likeness, negative_gradient_method="fft" if len(rows) > 2_000 else "bh", n_jobs=n_jobs, random_state=0,
        callbacks=step_done, callbacks_every_iters=_EVERY,
    )  # fmt: skip
    if is_new:
        laid.optimize(_EARLY, exaggeration=12, momentum=0.5, inplace=True)
    laid.optimize(_LATE if is_new else _SHORT, momentum=0.8, inplace=True)
    return _in_square(np.asarray(laid, np.float64))


def _begin(start: np.ndarray, likeness: Any) -> np.ndarray:
    """Returns the initial places: a picture's own, or for a new one the mean of its neighbours' places."""
    is_known = ~np.isnan(start[:, 0])
    weights = likeness[~is_known][:, is_known]
    total = np.asarray(weights.sum(axis=1)).ravel()[:, None]
    known, middle = start[is_known], start[is_known].mean(axis=0)
    places = start.astype(np.float64)
    places[~is_known] = np.where(total > 0, (weights @ known) / np.maximum(total, 1e-12), middle)
    rng = np.random.default_rng(0)  # pictures with the same initial place would never separate
    places += rng.normal(0, 1e-4, places.shape)
    # As wide as t-SNE's own result for N pictures: proportional to the root of N.
    return (places - places.mean(axis=0)) * np.sqrt(len(places)) * 2.5


def _in_square(places: np.ndarray) -> np.ndarray:
    """Centres and scales places into [0, 1], with one scale for both axes."""
    low, high = places.min(axis=0), places.max(axis=0)
    side = max(float((high - low).max()), 1e-9)
    return ((places - (low + high) / 2) / side + 0.5).astype(np.float32)
