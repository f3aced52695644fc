"""What people would use instead: fastai's cleaner, cleanlab, FiftyOne's rules; (N,) scores, large = doubt."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from scipy.stats import entropy
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from benchmarks.doubt_data import LabelSet


def probabilities(embeddings: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(N, C): scikit-learn's logistic regression in five folds, as cleanlab's tutorials do it; the rivals' evidence."""
    # One scale for all (a mean squared length of 100), at which C = 0.01 is as good as any other power of ten.
    rows = embeddings.astype(np.float32) - embeddings.mean(axis=0, dtype=np.float32)
    rows *= 10 / np.sqrt((rows**2).sum(axis=1).mean())
    head, folds = LogisticRegression(C=0.01, max_iter=200), StratifiedKFold(5, shuffle=True, random_state=0)
    return cross_val_predict(head, rows, labels, cv=folds, method="predict_proba")


def cleanlab_self_confidence(held_out: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`get_label_quality_scores(method="self_confidence")`."""
    return 1 - get_label_quality_scores(labels, held_out, method="self_confidence")


def cleanlab_normalized_margin(held_out: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`get_label_quality_scores(method="normalized_margin")`."""
    return 1 - get_label_quality_scores(labels, held_out, method="normalized_margin")


def cleanlab_confidence_weighted_entropy(held_out: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`get_label_quality_scores(method="confidence_weighted_entropy")`."""
    return 1 - get_label_quality_scores(labels, held_out, method="confidence_weighted_entropy")


def cleanlab_find_label_issues(held_out: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`find_label_issues` as it stands, what it finds ranked by self-confidence; then all others likewise."""
    issues = find_label_issues(labels, held_out, n_jobs=1)
    return issues + cleanlab_self_confidence(held_out, labels)


def fiftyone_mistakenness(held_out: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(m exp(-entropy) + 1) / 2, m = 1 where the prediction is another than the label, else -1.

    Source: `fiftyone.brain.compute_mistakenness` on logits (fiftyone/brain/internal/core/mistakenness.py).
    """
    differs = np.where(held_out.argmax(axis=1) == labels, -1.0, 1.0)
    return (differs * np.exp(-entropy(held_out, axis=1)) + 1) / 2


def fiftyone_hardness(held_out: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The entropy of the prediction. Source: `fiftyone.brain.compute_hardness` (internal/core/hardness.py)."""
    return entropy(held_out, axis=1)


BY_PROBABILITIES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    rule.__name__: rule
    for rule in (
        cleanlab_self_confidence,
        cleanlab_normalized_margin,
        cleanlab_confidence_weighted_entropy,
        cleanlab_find_label_issues,
        fiftyone_mistakenness,
        fiftyone_hardness,
    )
}


def fastai_cleaner(pictures: Any, data: LabelSet, weights: Path, size_px: int = 96, epochs: int = 3) -> np.ndarray:
    """Losses in the cleaner's order: `vision_learner(squeezenet1_1).fine_tune(3)`, its `get_preds` on both splits.

    `ImageClassifierCleaner` (fastai.vision.widgets) takes `dls[i].new(shuffle=False, drop_last=False)` and the losses
    of `get_preds`; those lines are called here, for its buttons want a notebook.
    """
    import torch
    from fastai.vision.all import (
        CategoryBlock,
        DataBlock,
        ImageBlock,
        PILImage,
        RandomSplitter,
        Resize,
        vision_learner,
    )
    from torchvision.models import squeezenet1_1

    torch.set_num_threads(os.cpu_count() or 1)  # ours before it asked for one
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TORCH_HOME"] = folder
        cache = Path(folder) / "hub" / "checkpoints"
        cache.mkdir(parents=True)
        shutil.copy(weights / "squeezenet1_1.pth", cache / "squeezenet1_1-b8a52dc0.pth")
        block = DataBlock(
            (ImageBlock, CategoryBlock(vocab=list(range(data.n_labels)), sort=False)),
            get_x=lambda row: PILImage.create(np.asarray(pictures.whole(row))),
            get_y=lambda row: int(data.given[row]),
            splitter=RandomSplitter(0.2, seed=42),
            item_tfms=Resize(size_px),
        )
        loaders = block.dataloaders(list(range(len(pictures))), num_workers=0, bs=64)
        learn = vision_learner(loaders, squeezenet1_1)
        with learn.no_bar(), learn.no_logging():
            learn.fine_tune(epochs)
            losses = np.zeros(len(pictures), dtype=np.float32)
            for split in (0, 1):
                one = loaders[split].new(shuffle=False, drop_last=False)
                *_, lost = learn.get_preds(dl=one, with_loss=True)
                losses[np.array(one.dataset.items)] = lost.numpy()
    return losses
