"""The doubt that finds most, fine-tuned networks among its evidence: minutes for 10,000 pictures. For job processes."""

import numpy as np

from curate.doubts import assess as assessing
from curate.doubts import fine_tuning
from curate.doubts.assess import Assessment
from curate.doubts.fine_tuning import FineTuned
from curate.doubts.heads import Told


def assess(
    activations: np.ndarray,
    embeddings: np.ndarray,
    labels: np.ndarray,
    n_labels: int,
    is_valid: np.ndarray,
    groups: np.ndarray | None = None,
    checked: np.ndarray | None = None,
    told: Told | None = None,
) -> tuple[Assessment, FineTuned]:
    """`assess.assess` with networks fine-tuned on each half of what the heads hold for true, put to it as evidence.

    activations: of `fine_tuning.front`, and embeddings: of `views.describe`, are made once for every picture. What the
    networks said is given back as well: kept and put to `assess.assess` again after decisions (its `probabilities` and
    `dynamics`), it serves until something is trained anew. Raises NoWeights.
    """
    given = (embeddings, labels, n_labels, is_valid, groups, checked)
    first, tuned = fine_tuned(activations, *given, told)
    return assessing.assess(*given, first, tuned.probabilities, tuned.dynamics, told), tuned


def fine_tuned(
    activations: np.ndarray,
    embeddings: np.ndarray,
    labels: np.ndarray,
    n_labels: int,
    is_valid: np.ndarray,
    groups: np.ndarray | None = None,
    checked: np.ndarray | None = None,
    told: Told | None = None,
) -> tuple[Assessment, FineTuned]:
    """What the heads hold for true, and what networks say that learnt it; as `assess`."""
    first = assessing.assess(embeddings, labels, n_labels, is_valid, groups, checked, told=told)
    targets = assessing.believed(first, labels, checked)
    return first, fine_tuning.held_out(activations, targets, labels, groups, told)
