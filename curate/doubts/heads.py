"""Predicts every image with heads that did not see it, fitted on embeddings and refitted on cleaned labels."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from curate.cores import n_cores
from curate.doubts import folds, kernel, logistic, noise_model, projection
from curate.doubts.kernel import Machine
from curate.doubts.projection import Projection
from curate.progress import OnProgress

# Linear heads: REPEATS splits of the images into halves; five splits into thirds were no better (average precision
# 0.646 and 0.644). Kernel heads: one split into five parts, since they gain most from more images (0.648 with halves,
# 0.661). So every image has REPEATS + 1 models that did not see it.
REPEATS, FOLDS, KERNEL_FOLDS = 4, 2, 5
# Refits on the labels that the round before considered true. Average precision after 0, 1, 2: 0.671, 0.680, 0.679
# with 9 % and 0.906, 0.920, 0.924 with 41 % wrong labels (cifar10n, the half on which settings were chosen).
ROUNDS = 2
PENALTY = 1e-2
MOST_FITTED = 60_000  # rows that one linear head is fitted on: beyond, a random part of them
_COLD_ITERATIONS, _WARM_ITERATIONS = 40, 10
_KERNEL_SEED = 1_000


@dataclass(frozen=True)
class HeadsResult:
    """Predictions of held-out heads for N images.

    probabilities: (N, C) float32, mean over the held-out models after refitting; plain: the same before it.
    votes: (N, M) int16 positions of the labels that M held-out models predict.
    weights: (D, C), bias: (C,) of a linear head fitted on all rows: `embeddings @ weights + bias` are logits.
    projection, features: the projected embeddings, (N, d) float16.  models: (R, M - 1, K, d + 1, C) float32
    coefficients of the linear heads by round, split and fold; machine: the factors of the kernel heads. The next refit
    starts from both.
    """

    probabilities: np.ndarray
    plain: np.ndarray
    votes: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    projection: Projection
    features: np.ndarray
    models: np.ndarray
    machine: Machine | None = None


def out_of_fold(
    embeddings: np.ndarray,
    labels: np.ndarray,
    n_labels: int,
    groups: np.ndarray | None = None,
    previous: HeadsResult | None = None,
    *,
    checked: np.ndarray | None = None,
    fit_rows: np.ndarray | None = None,
    on_progress: OnProgress | None = None,
) -> HeadsResult:
    """Returns held-out probabilities and votes for every image.

    The first round fits linear and kernel heads on the given labels, each further round on the labels that the round
    before considered true. An image's own label never enters a model that predicts it, except through earlier rounds'
    predictions of other images.

    embeddings: (N, D).  labels: (N,) positions in [0, n_labels).  groups: (N,), equal numbers >= 0 = near-duplicates,
    which share a fold.  previous: an earlier result, from which the heads start; its features are kept for the same
    rows.  checked: (N,) bool, labels that a person confirmed, taken as true.  fit_rows: (N,) bool, rows that the last
    head (weights, bias) may see, else all.
    """
    on_progress = on_progress or (lambda words, share: None)
    # Many small products: BLAS threads synchronise too often, and took three times the processor time.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(n_cores()) as pool:
        return _fitted(embeddings, labels, n_labels, groups, previous, checked, fit_rows, on_progress, pool)


def _fitted(
    embeddings: np.ndarray,
    labels: np.ndarray,
    n_labels: int,
    groups: np.ndarray | None,
    previous: HeadsResult | None,
    checked: np.ndarray | None,
    fit_rows: np.ndarray | None,
    on_progress: OnProgress,
    pool: ThreadPoolExecutor,
) -> HeadsResult:
    n = len(labels)
    kept = previous if previous is not None and len(previous.features) == n else None
    made = kept.projection if kept else projection.fit(embeddings)
    features = kept.features if kept else made.apply(embeddings)
    starts = _usable(kept, features.shape[1] + 1, n_labels)
    cuts = [folds.assign(n, FOLDS, seed, groups) for seed in range(REPEATS)]
    on_progress("Held-out heads", 0.0)
    machine = _machine(features, folds.assign(n, KERNEL_FOLDS, _KERNEL_SEED, groups), kept)
    given = np.eye(n_labels, dtype=np.float32)[labels]

    targets, rounds, models = given, [], []
    for r in range(1 + ROUNDS):
        on_progress("Held-out heads", (0.3 + r) / (1.3 + ROUNDS))
        linear = list(pool.map(partial(_linear, features, targets), cuts, starts[r], range(REPEATS)))
        by_cut = [predicted for _, predicted in linear]
        by_kernel = kernel.probabilities(kernel.scores(machine, targets), targets)
        rounds.append((np.mean(by_cut, axis=0) + by_kernel) / 2)
        models.append([coefficients for coefficients, _ in linear])
        targets = _cleaner(rounds[-1], labels, given, checked)
    on_progress("Held-out heads", 1.0)
    votes = np.stack([predicted.argmax(axis=1) for predicted in (*by_cut, by_kernel)], axis=1).astype(np.int16)
    weights, bias = made.unfold(_fit(features, targets, _rows(n, fit_rows), models[-1][0][0], seed=REPEATS))
    return HeadsResult(rounds[-1], rounds[0], votes, weights, bias, made, features, np.array(models), machine)


def predict(result: HeadsResult, embeddings: np.ndarray) -> np.ndarray:
    """Returns (N, C) float32 probabilities for new images by the linear head fitted on all rows."""
    return logistic.predict(embeddings, np.vstack([result.weights, result.bias]))


def _usable(kept: HeadsResult | None, n_coefficients: int, n_labels: int) -> list[list[list[np.ndarray | None]]]:
    """Returns the coefficients to start from by round, split and fold; None where none have the right shape."""
    shape = (1 + ROUNDS, REPEATS, FOLDS, n_coefficients, n_labels)
    if kept is not None and kept.models.shape == shape:
        return [[list(cut) for cut in one_round] for one_round in kept.models]
    return [[[None] * FOLDS for _ in range(REPEATS)] for _ in range(1 + ROUNDS)]


def _machine(features: np.ndarray, cut: np.ndarray, kept: HeadsResult | None) -> Machine:
    """Returns the factored kernels, reused when they hold out the same rows."""
    if kept is not None and kept.machine is not None:
        parts = kept.machine.folds
        if len(parts) == len(np.unique(cut)) and all(len(np.unique(cut[part.held_out])) == 1 for part in parts):
            return kept.machine
    return kernel.prepare(features, cut)


def _cleaner(
    probabilities: np.ndarray, labels: np.ndarray, given: np.ndarray, checked: np.ndarray | None
) -> np.ndarray:
    """Returns the targets of the next fit, (N, C) probabilities of the true label by evidence and given label."""
    truth = noise_model.posterior(probabilities, labels, noise_model.transition(probabilities, labels))
    if checked is not None:
        truth[checked] = given[checked]
    return truth.astype(np.float32)


def _linear(
    features: np.ndarray, targets: np.ndarray, cut: np.ndarray, starts: list[np.ndarray | None], seed: int
) -> tuple[list[np.ndarray], np.ndarray]:
    """Returns coefficients by fold, and (N, C) predictions of each fold by the head that did not see it."""
    coefficients, predicted = [], np.full(targets.shape, 1 / targets.shape[1], dtype=np.float32)
    for fold in range(FOLDS):
        head = _fit(features, targets, np.flatnonzero(cut != fold), starts[fold], seed=seed * FOLDS + fold)
        coefficients.append(head)
        held_out = np.flatnonzero(cut == fold)
        for begin in range(0, len(held_out), logistic.CHUNK_ROWS):
            rows = held_out[begin : begin + logistic.CHUNK_ROWS]
            predicted[rows] = logistic.predict(features[rows], head)
    return coefficients, predicted


def _fit(
    features: np.ndarray, targets: np.ndarray, seen: np.ndarray, start: np.ndarray | None, seed: int
) -> np.ndarray:
    if len(seen) > MOST_FITTED:
        seen = np.sort(np.random.default_rng(seed).choice(seen, MOST_FITTED, replace=False))
    if len(seen) == 0:
        return np.zeros((features.shape[1] + 1, targets.shape[1]), dtype=np.float32)
    iterations = _COLD_ITERATIONS if start is None else _WARM_ITERATIONS
    return logistic.fit(features[seen], targets[seen], PENALTY, start, iterations)


def _rows(n: int, fit_rows: np.ndarray | None) -> np.ndarray:
    return np.arange(n) if fit_rows is None or not fit_rows.any() else np.flatnonzero(fit_rows)
