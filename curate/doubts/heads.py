"""Predictions for every image by heads that did not see it, fitted on embeddings and refitted robustly."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from curate.doubts import folds, logistic, noise_model, projection
from curate.doubts.projection import Projection

Told = Callable[[str, float], None]

# REPEATS cuts of the images into FOLDS parts: every image has one held-out model of each cut.
REPEATS, FOLDS = 5, 3
ROUNDS = 2  # robust refits after the plain one
PENALTY = 1e-2
LEAST_WEIGHT = 0.02  # nothing is thrown away for good: a doubtful image may come back in the next round
MOST_FITTED = 60_000  # rows that one head is fitted on: beyond, a random part of them
_COLD_ITERATIONS, _WARM_ITERATIONS = 40, 8


@dataclass(frozen=True)
class HeadsResult:
    """What held-out heads say of N images.

    probabilities: (N, C) float32, mean over the robust held-out models; plain: the same before robust refitting;
    votes: (N, M) int16 positions of the label that each of M held-out models says;
    weights: (D, C), bias: (C,) of a head fitted on all rows: `embeddings @ weights + bias` are logits.
    projection, features: the embeddings made fit, (N, d) float16; models: (R, M, K, d + 1, C) float32 coefficients by
    round, repeat and fold: what the next refit begins with.
    """

    probabilities: np.ndarray
    plain: np.ndarray
    votes: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    projection: Projection
    features: np.ndarray
    models: np.ndarray


def out_of_fold(
    embeddings: np.ndarray,
    labels: np.ndarray,
    n_labels: int,
    groups: np.ndarray | None = None,
    previous: HeadsResult | None = None,
    *,
    checked: np.ndarray | None = None,
    fit_rows: np.ndarray | None = None,
    told: Told | None = None,
) -> HeadsResult:
    """Held-out probabilities and votes for every image.

    A first round fits plain heads on the given labels; each further round fits on what the round before it took for
    the truth, doubtful images weighted down. An image's own label never enters a model that predicts it, except through
    the guesses of earlier rounds about other images.

    embeddings: (N, D); labels: (N,) positions in [0, n_labels); groups: (N,), equal 0 or more = near-duplicates, which
    share a fold; previous: an earlier result on the same rows, whose features are kept and whose heads are started
    from; checked: (N,) bool, labels a person confirmed, taken for the truth; fit_rows: (N,) bool, the rows that the
    last head (weights, bias) may see, else all.
    """
    n = len(labels)
    told = told or (lambda words, share: None)
    kept = previous is not None and len(previous.features) == n and previous.models.shape[-1] == n_labels
    made = previous.projection if previous is not None and kept else projection.fit(embeddings)
    features = previous.features if previous is not None and kept else made.apply(embeddings)
    started = previous.models if previous is not None and kept else None
    checked = np.zeros(n, dtype=bool) if checked is None else checked
    cuts = [folds.assign(n, FOLDS, seed, groups) for seed in range(REPEATS)]
    given = np.eye(n_labels, dtype=np.float32)[labels]

    targets, weights = given, np.ones(n, dtype=np.float32)
    rounds, models, votes = [], [], np.zeros((n, REPEATS), dtype=np.int16)
    for r in range(1 + ROUNDS):
        mean = np.zeros((n, n_labels), dtype=np.float32)
        fitted = []
        for repeat, cut in enumerate(cuts):
            starts = None if started is None else started[r, repeat]
            by_fold, predicted = _one_cut(features, targets, weights, cut, starts, seed=repeat)
            fitted.append(by_fold)
            mean += predicted / REPEATS
            votes[:, repeat] = predicted.argmax(axis=1)
            told("Held-out heads", (r * REPEATS + repeat + 1) / ((1 + ROUNDS) * REPEATS))
        rounds.append(mean)
        models.append(fitted)
        targets, weights = _cleaner(mean, labels, given, checked)
    every = _fit_last(features, targets, weights, fit_rows, models[-1][0][0])
    weights_all, bias = made.unfold(every)
    return HeadsResult(rounds[-1], rounds[0], votes, weights_all, bias, made, features, np.array(models))


def predict(result: HeadsResult, embeddings: np.ndarray) -> np.ndarray:
    """(N, C) float32 probabilities for new images by the head fitted on all rows."""
    return logistic.predict(embeddings, np.vstack([result.weights, result.bias]))


def without_features(result: HeadsResult) -> HeadsResult:
    """The same without what is large and can be made again, for keeping on disk."""
    return replace(result, features=result.features[:0])


def _cleaner(
    probabilities: np.ndarray, labels: np.ndarray, given: np.ndarray, checked: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What to fit on next: targets (N, C), the label that the evidence supports, and weights (N,), how surely."""
    truth = noise_model.posterior(probabilities, labels, noise_model.transition(probabilities, labels))
    truth[checked] = given[checked]
    weights = np.maximum(truth.max(axis=1) ** 2, LEAST_WEIGHT)
    return truth.astype(np.float32), weights.astype(np.float32)


def _one_cut(
    features: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    cut: np.ndarray,
    starts: np.ndarray | None,
    seed: int,
) -> tuple[list[np.ndarray], np.ndarray]:
    """Coefficients by fold, and (N, C) predictions of each fold by the model that did not see it."""
    found, predicted = [], np.empty(targets.shape, dtype=np.float32)
    for fold in range(FOLDS):
        seen, held_out = np.flatnonzero(cut != fold), np.flatnonzero(cut == fold)
        if len(seen) > MOST_FITTED:
            seen = np.sort(np.random.default_rng([seed, fold]).choice(seen, MOST_FITTED, replace=False))
        start = None if starts is None else starts[fold]
        iterations = _COLD_ITERATIONS if start is None else _WARM_ITERATIONS
        model = logistic.fit(features[seen], targets[seen], weights[seen], PENALTY, start, iterations)
        found.append(model)
        for begin in range(0, len(held_out), logistic.CHUNK_ROWS):
            rows = held_out[begin : begin + logistic.CHUNK_ROWS]
            predicted[rows] = logistic.predict(features[rows], model)
    return found, predicted


def _fit_last(
    features: np.ndarray, targets: np.ndarray, weights: np.ndarray, fit_rows: np.ndarray | None, start: np.ndarray
) -> np.ndarray:
    """One head over all rows that it may see."""
    seen = np.arange(len(features)) if fit_rows is None else np.flatnonzero(fit_rows)
    if len(seen) > MOST_FITTED:
        seen = np.sort(np.random.default_rng(0).choice(seen, MOST_FITTED, replace=False))
    return logistic.fit(features[seen], targets[seen], weights[seen], PENALTY, start, _COLD_ITERATIONS)
