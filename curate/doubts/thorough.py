"""Fine-tuned networks as evidence, with which most is found: minutes for 10,000 pictures. For job processes."""

import numpy as np

from curate.doubts import fine_tuning
from curate.doubts.assess import assess, believed
from curate.doubts.assessment import Assessment
from curate.doubts.fine_tuning import FineTuned
from curate.progress import OnProgress


def fine_tuned(
    activations: np.ndarray,
    embeddings: np.ndarray,
    labels: np.ndarray,
    n_labels: int,
    is_valid: np.ndarray,
    groups: np.ndarray | None = None,
    checked: np.ndarray | None = None,
    on_progress: OnProgress | None = None,
) -> tuple[Assessment, FineTuned]:
    """What the heads say of every label, and what networks say that learnt on each half what the heads hold for true.

    activations: of `fine_tuning.front`, and embeddings: of `views.describe`, are made once for every picture; the rest
    is as for `assess.assess`. Put to it as evidence, with its first answer as `previous`, what the networks said serves
    again after decisions, until something is trained anew. Raises NoWeights.
    """
    first = assess(embeddings, labels, n_labels, is_valid, groups, checked, on_progress=on_progress)
    targets = believed(first, labels, checked)
    return first, fine_tuning.held_out(activations, targets, labels, groups, on_progress)
