"""What a training tries to make small. Whatever it is, every loss that is shown or stored is plain cross-entropy."""

from collections.abc import Callable

import numpy as np
import torch
from fastai.callback.core import Callback
from fastai.losses import CrossEntropyLossFlat, LabelSmoothingCrossEntropyFlat

from curate.training.settings.config import TrainConfig


def training_loss(config: TrainConfig, counts: np.ndarray, device: torch.device) -> Callable[..., torch.Tensor]:
    """fastai's loss for the settings. counts: (C,) training pictures of each label, for the weights of small ones."""
    weight = torch.tensor(label_weights(counts), device=device) if config.balance == "weights" else None
    if config.label_smoothing:
        return LabelSmoothingCrossEntropyFlat(eps=config.label_smoothing, weight=weight)
    return CrossEntropyLossFlat(weight=weight)


def label_weights(counts: np.ndarray) -> np.ndarray:
    """(C,) float32: mean count over a label's own, so that equally many pictures weigh 1; labels without any, too.

    >>> label_weights(np.array([10, 30, 20, 0]))
    array([2.       , 0.6666667, 1.       , 1.       ], dtype=float32)
    """
    mean = counts[counts > 0].mean()
    return np.where(counts > 0, mean / np.maximum(counts, 1), 1).astype(np.float32)


class PlainValidation(Callback):
    """Held-out pictures are judged by plain cross-entropy, whatever the training's own loss is.

    fastai would show the training's loss here: smoothed or weighted ones cannot be compared between runs.
    """

    order = -20  # before MixUp, which keeps the loss it finds when training begins

    def __init__(self, training: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.training_loss, self.plain = training, CrossEntropyLossFlat()

    def before_train(self) -> None:
        """The training's own."""
        self.learn.loss_func = self.training_loss

    def before_validate(self) -> None:
        """Plain; what somebody else has set, to score with, stays."""
        if self.learn.loss_func is self.training_loss:
            self.learn.loss_func = self.plain
