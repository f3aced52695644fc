"""What is suggested for unlabelled images, and which of them to label next, from features of a frozen network.

Features are (N, d) float16 rows as from `doubts.projection`; nothing here imports torch.
"""

from dataclasses import dataclass

import numpy as np

from curate.embeddings import quick_look_head

FEWEST = 10  # labelled images before anything is predicted, of two labels at least
MOST_FITTED = 2_000  # labelled images; predicting 200,000 images with so many takes some 5 s on two cores
BATCH = 480  # images that are chosen to differ from each other: ten pages
_CANDIDATES = 4_000  # the most uncertain images, among which they are chosen
_ROWS = 8_192
_PER_GROUP = 25  # images in a group of alike ones, on average
_MOST_GROUPS = 200
_SAMPLE = 20_000  # images on which the groups are made


@dataclass(frozen=True)
class Predictions:
    """predicted: (N,) label ids, 0 = nothing is predicted.  p, margin: (N,) float32 in [0, 1], 1 = sure."""

    predicted: np.ndarray
    p: np.ndarray
    margin: np.ndarray


@dataclass(frozen=True)
class Groups:
    """Groups of alike images.  group: (N,) numbers, 0 is the largest group.  distance: (N,) to the group's centre."""

    group: np.ndarray
    distance: np.ndarray


def as_points(features: np.ndarray) -> np.ndarray:
    """Returns the features as float32 rows of length 1."""
    points = features.astype(np.float32)
    points /= np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-6)
    return points


def predict(points: np.ndarray, given: np.ndarray, label_ids: np.ndarray) -> Predictions:
    """Returns predictions for (N, d) points from (M, d) labelled ones.  label_ids: (M,) their labels."""
    known, labels = np.unique(label_ids, return_inverse=True)
    if len(known) < 2 or len(labels) < FEWEST:
        nothing = np.zeros(len(points), np.float32)
        return Predictions(np.zeros(len(points), np.int64), nothing, nothing)
    drawn = np.random.default_rng(0).permutation(len(labels))[:MOST_FITTED]
    directions = points.shape[1]
    mean, matrix = np.zeros(directions, np.float32), np.eye(directions, dtype=np.float32)
    head = quick_look_head.fit(mean, matrix, given[drawn], labels[drawn], len(known))
    probabilities = head.predict(points)
    best = probabilities.argmax(axis=1)
    sorted_ = np.partition(probabilities, -2, axis=1)
    return Predictions(known[best], sorted_[:, -1].copy(), sorted_[:, -1] - sorted_[:, -2])


@dataclass(frozen=True)
class HeldOut:
    """How held-out confirmed images are predicted.  n: these images.  n_right: of them, predicted as confirmed.

    n_fixed, n_broken: predicted right, or wrong, only since the last hundred labels; None = too few labels to tell.
    """

    n: int = 0
    n_right: int = 0
    n_fixed: int | None = None
    n_broken: int | None = None


def measure(given: np.ndarray, label_ids: np.ndarray, is_confirmed: np.ndarray) -> HeldOut:
    """Returns how held-out confirmed images are predicted, with all labels and with 100 fewer.

    given: (M, d) points of labelled images.  is_confirmed: (M,) whether a person has said the label.  Five folds of at
    most 1,000 images. Where the useful ones were labelled first, the shares of right ones are too low.
    """
    drawn = np.random.default_rng(1).permutation(len(label_ids))[:1_000]
    n = len(drawn)
    if 4 * n // 5 < 2 * FEWEST:
        return HeldOut()
    is_counted = is_confirmed[drawn]
    now = _is_right(given[drawn], label_ids[drawn], 4 * n // 5)[is_counted]
    if 4 * n // 5 - 100 < 2 * FEWEST:
        return HeldOut(len(now), int(now.sum()))
    before = _is_right(given[drawn], label_ids[drawn], 4 * n // 5 - 100)[is_counted]
    return HeldOut(len(now), int(now.sum()), int((now & ~before).sum()), int((before & ~now).sum()))


def _is_right(points: np.ndarray, label_ids: np.ndarray, n_fitted: int) -> np.ndarray:
    """Returns (n,) whether each image is predicted right from n_fitted others, by five folds."""
    fold, is_right = np.arange(len(points)) % 5, np.zeros(len(points), bool)
    for number in range(5):
        fitted, held_out = np.flatnonzero(fold != number)[:n_fitted], fold == number
        made = predict(points[held_out], points[fitted], label_ids[fitted])
        is_right[held_out] = made.predicted == label_ids[held_out]
    return is_right


def find_novelty(points: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Returns (N,) float32 in [0, 1]: how unlike the most similar labelled image each is; 1 = nothing like it yet."""
    novelty = np.ones(len(points), np.float32)
    if len(given):
        for start in range(0, len(points), _ROWS):
            cosine = (points[start : start + _ROWS] @ given.T).max(axis=1)
            novelty[start : start + _ROWS] = np.clip((1 - cosine) / 2, 0, 1)
    return novelty


def make_groups(points: np.ndarray, seed: int = 0) -> Groups:
    """Returns groups of some 25 alike images, at most 200 groups (k-means, scikit-learn)."""
    from sklearn.cluster import MiniBatchKMeans

    n_groups = int(np.clip(len(points) // _PER_GROUP, min(5, len(points)), _MOST_GROUPS))
    drawn = np.random.default_rng(seed).permutation(len(points))[:_SAMPLE]
    means = MiniBatchKMeans(n_groups, random_state=seed, n_init=3, batch_size=2_048).fit(points[drawn])
    distances = np.concatenate([means.transform(points[at : at + _ROWS]) for at in range(0, len(points), _ROWS)])
    nearest = distances.argmin(axis=1)
    by_size = np.argsort(-np.bincount(nearest, minlength=n_groups), kind="stable")
    number = np.empty(n_groups, np.int64)
    number[by_size] = np.arange(n_groups)
    return Groups(number[nearest], distances.min(axis=1).astype(np.float32))


def rank_useful(points: np.ndarray, predictions: Predictions, groups: Groups) -> np.ndarray:
    """Returns (N,) ranks, 0 = the most useful image to label next.

    With predictions: `BATCH` times the image is taken with the highest uncertainty (cubed) times distance (its root) to
    all images taken before; the rest follow by uncertainty. Without: the centres of all groups first, then their next.
    On the photos this takes as many labels as uncertainty alone; the distance to labelled images does not help.
    """
    if not predictions.predicted.any():
        return _as_ranks(np.lexsort((groups.group, _place_in_group(groups))))
    uncertainty = 1 - predictions.margin
    by_uncertainty = np.argsort(-uncertainty, kind="stable")
    among = by_uncertainty[:_CANDIDATES]
    candidates, weight = points[among], uncertainty[among] ** 3
    distance = np.ones(len(among), np.float32)
    chosen: list[int] = []
    for _ in range(min(BATCH, len(among))):
        best = int((weight * np.sqrt(distance)).argmax())
        chosen.append(best)
        distance = np.clip(1 - candidates @ candidates[best], 0, distance)
        weight[best] = -1.0
        distance[best] = 1.0
    rest = by_uncertainty[~np.isin(by_uncertainty, among[chosen])]
    return _as_ranks(np.concatenate([among[chosen], rest]))


def _place_in_group(groups: Groups) -> np.ndarray:
    """Returns (N,) places within the group, 0 = nearest to its centre."""
    order = np.lexsort((groups.distance, groups.group))
    starts = np.concatenate([[0], np.cumsum(np.bincount(groups.group))[:-1]])
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order)) - starts[groups.group[order]]
    return places


def _as_ranks(order: np.ndarray) -> np.ndarray:
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks
