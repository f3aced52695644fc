"""Reasons to doubt a label: each takes arrays and returns (N,) float64 in [0, 1], 1 = doubt.

Everywhere: probabilities (N, C), rows sum to 1, from models that did not see the image (else every doubt is near 0);
labels (N,) positions in [0, C).
"""

import numpy as np

_TINY = 1e-12


def self_confidence(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns 1 - the probability of the given label.

    Source: Northcutt, Jiang and Chuang (2021), "Confident Learning"; `cleanlab.rank.get_label_quality_scores`.

    >>> self_confidence(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 0])).round(3)
    array([0.1, 0.8])
    """
    return _cleanlab_score(probabilities, labels, "self_confidence")


def normalised_margin(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns the margin of the strongest other label over the given one, mapped from [-1, 1] to [0, 1].

    Source: `cleanlab.rank.get_label_quality_scores(method="normalized_margin")`.

    >>> normalised_margin(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 0])).round(3)
    array([0.1, 0.8])
    """
    return _cleanlab_score(probabilities, labels, "normalized_margin")


def confidence_weighted_entropy(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns 1 for a certain prediction of another label, less for a prediction torn between many labels.

    Source: `cleanlab.rank.get_label_quality_scores(method="confidence_weighted_entropy")`.

    >>> confidence_weighted_entropy(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 0])).round(2)
    array([0.2 , 0.58])
    """
    return _cleanlab_score(probabilities, labels, "confidence_weighted_entropy")


def confident_learning(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns more than 0.5 where confident learning, which estimates the noise of each pair of labels, prunes it.

    Half of it is whether the image is pruned (by noise rate), half the self-confidence, for the order among each.
    Source: Northcutt, Jiang and Chuang (2021); `cleanlab.filter.find_label_issues`.

    >>> confident_learning(np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.1, 0.9]]), np.array([0, 0, 0, 1])).round(2)
    array([0.05, 0.1 , 0.95, 0.05])
    """
    from cleanlab.filter import find_label_issues

    doubts = self_confidence(probabilities, labels)
    present, positions = np.unique(labels, return_inverse=True)
    if len(present) < 2:
        return doubts / 2
    # Leave out labels without images, of which cleanlab would warn. One process: its pool would start at every call,
    # and a million rows take seconds without it.
    among = _clean(probabilities[:, present])
    among /= among.sum(axis=1, keepdims=True)
    pruned = find_label_issues(positions, among, n_jobs=1, min_examples_per_class=0)
    return (pruned + doubts) / 2


def neighbour_disagreement(votes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns the neighbours' weight that is not for the given label; votes: (N, C), rows sum to 1.

    Source: Wilson (1972), edited nearest neighbours; Bahri, Jiang and Gupta (2020), "Deep k-NN for Noisy Labels".

    >>> neighbour_disagreement(np.array([[0.9, 0.1], [0.25, 0.75]]), np.array([0, 0])).round(3)
    array([0.1 , 0.75])
    """
    return 1.0 - votes[np.arange(len(labels)), labels].astype(np.float64)


def robust_refitting(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns 1 - the given label's probability by heads refitted on cleaned labels.

    Source: Dawid and Skene (1979) for the labels, Ren and others (2018), "Learning to Reweight Examples", for weights.

    >>> robust_refitting(np.array([[0.75, 0.25]]), np.array([1]))
    array([0.75])
    """
    return 1.0 - probabilities[np.arange(len(labels)), labels].astype(np.float64)


def held_out_loss(losses: np.ndarray) -> np.ndarray:
    """Returns 1 - exp(-loss), the loss being the cross-entropy of a fine-tuned model that did not see the image.

    losses: (N,) natural logarithms, 0 or more; a large one is bad. Source: the order of fastai's
    `ImageClassifierCleaner` and of `ClassificationInterpretation.top_losses`, held out here.

    >>> held_out_loss(np.array([0.0, np.log(4)]))
    array([0.  , 0.75])
    """
    return -np.expm1(-np.maximum(losses, 0.0).astype(np.float64))


def area_under_margin(margins: np.ndarray) -> np.ndarray:
    """Returns how far the given label was behind the strongest other one, on average over the epochs.

    margins: (E, N) probability (or softmaxed logit) of the given label minus the largest other one, in [-1, 1], one row
    an epoch, of the model being trained on it. Source: Pleiss and others (2020), "Identifying Mislabeled Data using
    the Area Under the Margin Ranking".

    >>> area_under_margin(np.array([[1.0, -1.0], [0.5, 0.0]]))
    array([0.125, 0.75 ])
    """
    return (1.0 - margins.mean(axis=0, dtype=np.float64)) / 2


def forgetting(margins: np.ndarray) -> np.ndarray:
    """Returns how often a prediction was right in one epoch and wrong in the next, as a share; never right = 1.

    margins: (E, N), above 0 = right in that epoch. Source: Toneva and others (2019), "An Empirical Study of Example
    Forgetting during Deep Neural Network Learning".

    >>> forgetting(np.array([[0.5, 0.5, -0.5], [0.5, -0.5, -0.5], [0.5, 0.5, -0.5]]))
    array([0. , 0.5, 1. ])
    """
    right = margins > 0
    forgot = (right[:-1] & ~right[1:]).sum(axis=0) / max(1, len(margins) - 1)
    return np.where(right.any(axis=0), forgot, 1.0)


def out_of_distribution(distances: np.ndarray) -> np.ndarray:
    """Returns how unusual an image's distances are: 0.5 at 3.3 robust standard deviations, towards 1 beyond.

    distances: (N, K) of K kinds, 0 or more, as `neighbours.distances` measures them. The logarithm of each kind is
    centred on its median and scaled by its median absolute deviation; the mean over the kinds counts. Of 7 foreign
    pictures among 2,527 photos 5 were beyond 3.3 and none of the photos, of 10,000 pictures of cifar10n one. Distances
    to neighbours alone ranked 13 photos before some of the foreign ones. Sources: Lee and others (2018), "A Simple
    Unified Framework for Detecting Out-of-Distribution Samples"; Kuan and Mueller (2022), "Back to the Basics:
    Revisiting Out-of-Distribution Detection Baselines".

    >>> out_of_distribution(np.array([[1.0], [1.0], [1.0], [1.1], [9.0]])).round(3)
    array([0.001, 0.001, 0.001, 0.009, 1.   ])
    """
    logs = np.log(np.maximum(distances.astype(np.float64), 1e-6))
    logs -= np.median(logs, axis=0)
    # Where most distances are equal the deviation is 0; use at least 0.1.
    spreads = np.maximum(1.4826 * np.median(np.abs(logs), axis=0), 0.1)
    beyond = (logs / spreads).mean(axis=1) - _USUAL_DEVIATIONS
    return 1.0 / (1.0 + np.exp(np.clip(-2 * beyond, -50, 50)))


_USUAL_DEVIATIONS = 3.3


def _cleanlab_score(probabilities: np.ndarray, labels: np.ndarray, method: str) -> np.ndarray:
    from cleanlab.rank import get_label_quality_scores

    quality = get_label_quality_scores(np.asarray(labels), _clean(probabilities), method=method)
    return np.clip(1.0 - quality.astype(np.float64), 0.0, 1.0)


def _clean(probabilities: np.ndarray) -> np.ndarray:
    """Converts probabilities as cleanlab needs them: float64 within [0, 1]."""
    return np.clip(probabilities.astype(np.float64), _TINY, 1.0)
