"""Combines all evidence on every label: a doubt, a suggestion, and the counts that explain both."""

import numpy as np

from curate.doubts import calibration, heads, neighbours, noise, noise_model, reasons
from curate.doubts.assessment import Assessment, Start
from curate.doubts.heads import HeadsResult
from curate.doubts.neighbours import Neighbours
from curate.progress import OnProgress

NAMED_NEIGHBOURS = 10  # neighbours in an explanation
# Weights of the mixed held-out probability, chosen on one half of cifar10n. Average precision with 9 and 41 % wrong
# labels: heads alone 0.686 and 0.924, fine-tuned networks alone 0.676 and 0.922, mixed 0.711 and 0.930. Any weight of
# the networks from 0.5 to 1.5 gives the latter within 0.001.
WEIGHTS = {"heads": 1.0, "fine_tuned": 0.7}
FAR = 0.5  # outliers above it are suggested for deletion


def assess(
    embeddings: np.ndarray,
    labels: np.ndarray,
    n_labels: int,
    is_valid: np.ndarray,
    groups: np.ndarray | None = None,
    checked: np.ndarray | None = None,
    previous: Assessment | Start | None = None,
    fine_tuned: np.ndarray | None = None,
    dynamics: np.ndarray | None = None,
    on_progress: OnProgress | None = None,
) -> Assessment:
    """Assesses every label.

    embeddings: (N, D).  labels: (N,) positions.  is_valid: (N,) bool, rows that the head for predictions does not see.
    groups: (N,), equal numbers >= 0 = near-duplicates, predicted by models that saw none of them.  checked: (N,) bool,
    confirmed by a person.  previous: the last assessment, or what `warm_start` stored of it; its features, heads and
    (for the same rows) neighbours are reused.  fine_tuned: (N, C) held-out probabilities of fine-tuned models, NaN in
    rows that they saw, whose `held_out_loss` is then NaN, too.  dynamics: (E, N) margins during fine-tuning.
    on_progress: receives a text and the share done.
    """
    on_progress = on_progress or (lambda words, share: None)
    predictions = heads.out_of_fold(
        embeddings,
        labels,
        n_labels,
        groups,
        previous.heads if previous else None,
        checked=checked,
        fit_rows=~is_valid,
        on_progress=on_progress,
    )
    on_progress("Neighbours", 0.0)
    same = previous is not None and len(previous.nearest.rows) == len(labels)
    near = previous.nearest if previous is not None and same else neighbours.find(predictions.features)
    votes = neighbours.votes(near, labels, n_labels)
    probabilities = _mixed(predictions.probabilities, fine_tuned)
    truth = noise_model.posterior(probabilities, labels, noise_model.transition(probabilities, labels))
    table = _reasons(predictions, votes, labels, fine_tuned, dynamics)
    doubt = reasons.robust_refitting(probabilities, labels)
    joint = noise.joint(predictions.plain, labels)
    doubt = calibration.shift(doubt, noise.share_wrong(joint))
    return _assessment(probabilities, truth, labels, doubt, predictions, near, table, joint)


def true_labels(assessment: Assessment, labels: np.ndarray, checked: np.ndarray | None = None) -> np.ndarray:
    """Returns (N, C) float32 probabilities of the true label, rows sum to 1; a confirmed label has probability 1."""
    transitions = noise_model.transition(assessment.probabilities, labels)
    truth = noise_model.posterior(assessment.probabilities, labels, transitions).astype(np.float32)
    if checked is not None:
        truth[checked] = np.eye(truth.shape[1], dtype=np.float32)[labels[checked]]
    return truth


def _mixed(by_heads: np.ndarray, fine_tuned: np.ndarray | None) -> np.ndarray:
    """Returns the weighted mean of held-out probabilities, (N, C) float32; that of the logarithms was worse."""
    if fine_tuned is None:
        return by_heads
    both = WEIGHTS["heads"] * by_heads + WEIGHTS["fine_tuned"] * fine_tuned
    mixed = (both / sum(WEIGHTS.values())).astype(np.float32)
    return np.where(np.isnan(fine_tuned), by_heads, mixed)


def _reasons(
    predictions: HeadsResult,
    votes: np.ndarray,
    labels: np.ndarray,
    fine_tuned: np.ndarray | None,
    dynamics: np.ndarray | None,
) -> dict[str, np.ndarray]:
    table = {
        "self_confidence": reasons.self_confidence(predictions.plain, labels),
        "normalised_margin": reasons.normalised_margin(predictions.plain, labels),
        "confidence_weighted_entropy": reasons.confidence_weighted_entropy(predictions.plain, labels),
        "confident_learning": reasons.confident_learning(predictions.plain, labels),
        "neighbour_disagreement": reasons.neighbour_disagreement(votes, labels),
        "robust_refitting": reasons.robust_refitting(predictions.probabilities, labels),
    }
    if fine_tuned is not None:
        own = np.maximum(fine_tuned[np.arange(len(labels)), labels], 1e-12)
        table["held_out_loss"] = reasons.held_out_loss(-np.log(own))
    if dynamics is not None:
        table["area_under_margin"] = reasons.area_under_margin(dynamics)
        table["forgetting"] = reasons.forgetting(dynamics)
    # Clipped: rounded shares may add up to slightly more than 1.
    return {name: np.clip(scores, 0, 1).astype(np.float32) for name, scores in table.items()}


def _assessment(
    probabilities: np.ndarray,
    truth: np.ndarray,
    labels: np.ndarray,
    doubt: np.ndarray,
    predictions: HeadsResult,
    near: Neighbours,
    table: dict[str, np.ndarray],
    joint: np.ndarray,
) -> Assessment:
    every = np.arange(len(labels))
    suggested = truth.argmax(axis=1)
    first_two = -np.partition(-probabilities, 1, axis=1)[:, :2]
    named = near.rows[:, :NAMED_NEIGHBOURS]
    outlier = reasons.out_of_distribution(neighbours.distances(predictions.features, near, NAMED_NEIGHBOURS))
    return Assessment(
        doubt=doubt.astype(np.float32),
        suggested=suggested.astype(np.int64),
        p_suggested=truth[every, suggested].astype(np.float32),
        outlier=outlier.astype(np.float32),
        suggests_delete=outlier > FAR,
        uncertainty=np.clip(1.0 - (first_two[:, 0] - first_two[:, 1]), 0, 1).astype(np.float32),
        votes_for_suggested=(predictions.votes == suggested[:, None]).sum(axis=1).astype(np.int16),
        n_models=predictions.votes.shape[1],
        neighbours_for_suggested=(labels[named] == suggested[:, None]).sum(axis=1).astype(np.int16),
        n_neighbours=named.shape[1],
        probabilities=probabilities,
        reasons=table,
        joint=joint,
        heads=predictions,
        nearest=near,
    )
