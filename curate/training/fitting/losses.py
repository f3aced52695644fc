"""The training losses. Every loss that is shown or stored is plain cross-entropy, whatever the training uses."""

from collections.abc import Callable

import numpy as np
import torch
from fastai.callback.core import Callback
from fastai.losses import CrossEntropyLossFlat, LabelSmoothingCrossEntropyFlat

from curate.training.settings.config import TrainConfig


def training_loss(config: TrainConfig, counts: np.ndarray, device: torch.device) -> Callable[..., torch.Tensor]:
    """Returns fastai's loss for the settings. counts: (C,) training pictures per label, for the label weights."""
    weight = torch.tensor(label_weights(counts), device=device) if config.balance == "weights" else None
    if config.label_smoothing:
        return LabelSmoothingCrossEntropyFlat(eps=config.label_smoothing, weight=weight)
    return CrossEntropyLossFlat(weight=weight)


def label_weights(counts: np.ndarray) -> np.ndarray:
    """Returns (C,) float32: the mean count over a label's own, so 1 for equal counts; 1 for labels without pictures.

    >>> label_weights(np.array([10, 30, 20, 0]))
    array([2.       , 0.6666667, 1.       , 1.       ], dtype=float32)
    """
    mean = counts[counts > 0].mean()
    return np.where(counts > 0, mean / np.maximum(counts, 1), 1).astype(np.float32)


class PlainValidation(Callback):
    """Evaluates validation pictures by plain cross-entropy, whatever the training's own loss is.

    fastai would use the training's loss; smoothed or weighted losses cannot be compared between runs.
    """

    order = -20  # before MixUp, which keeps the loss that is set when training begins

    def __init__(self, training: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.training_loss, self.plain = training, CrossEntropyLossFlat()

    def before_train(self) -> None:
        """Set the training's own loss."""
        self.learn.loss_func = self.training_loss

    def before_validate(self) -> None:
        """Set plain cross-entropy; a loss set for scoring stays."""
        if self.learn.loss_func is self.training_loss:
            self.learn.loss_func = self.plain
