"""Fine-tuned networks as evidence, which finds most errors; it takes minutes for 10,000 pictures. For job processes."""

import numpy as np

from curate.doubts import fine_tuning
from curate.doubts.assess import assess, true_labels
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
    """Returns the heads' assessment, and predictions of networks fine-tuned on the labels that the heads consider true.

    activations: from `fine_tuning.front`.  embeddings: from `multi_view_features.describe`; the rest is as for
    `assess.assess`. The predictions remain valid evidence for `assess` after further decisions. Raises NoWeights.
    """
    first = assess(embeddings, labels, n_labels, is_valid, groups, checked, on_progress=on_progress)
    targets = true_labels(first, labels, checked)
    return first, fine_tuning.held_out(activations, targets, labels, groups, on_progress)
