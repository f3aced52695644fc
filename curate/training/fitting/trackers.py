"""Callbacks that act on epochs: keeping the best, stopping early, progressive resizing."""

import math

from fastai.callback.core import Callback
from fastai.callback.tracker import EarlyStoppingCallback, SaveModelCallback

from curate.training.fitting.transforms import Shrinking
from curate.training.settings.config import TrainConfig


def trackers(config: TrainConfig, n_done: int = 0) -> list[Callback]:
    """Returns the callbacks that the settings need. n_done: finished epochs of a resumed training."""
    callbacks: list[Callback] = []
    if config.keep_best:
        callbacks.append(KeepBest())
    if config.patience:
        callbacks.append(EndEarly(config.patience))
    if config.start_px is not None:
        callbacks.append(Growing(config.epoch_px, n_done))
    return callbacks


class KeepBest(SaveModelCallback):
    """fastai's SaveModelCallback over all fits of a training, which may end before its first epoch.

    Checkpoints hold its state under the name of this class.
    """

    def __init__(self) -> None:
        super().__init__(fname="best", reset_on_fit=False)

    def after_fit(self) -> None:
        """Load the best network, if any."""
        if self.best is not None and math.isfinite(self.best):
            super().after_fit()


class EndEarly(EarlyStoppingCallback):
    """fastai's EarlyStoppingCallback, after other callbacks, since its exception skips those that follow.

    Checkpoints hold its state under the name of this class.
    """

    order = 90

    def __init__(self, patience: int) -> None:
        super().__init__(patience=patience)


class Growing(Callback):
    """Progressive resizing: sets the size of an epoch's training batches in the transform that shrinks them.

    sizes_px: of every epoch of all fits. Nothing is shrunk after them and in the search for a learning rate.
    """

    def __init__(self, sizes_px: list[int], n_done: int) -> None:
        super().__init__()
        self.sizes_px, self.n_begun = sizes_px, n_done

    def before_epoch(self) -> None:
        """Set the next size."""
        self._shrinking().px = self.sizes_px[min(self.n_begun, len(self.sizes_px) - 1)]
        self.n_begun += 1

    def after_fit(self) -> None:
        """Stop shrinking for whoever uses the transforms next."""
        self._shrinking().px = None

    def _shrinking(self) -> Shrinking:
        return next(each for each in self.learn.dls.train.after_batch.fs if isinstance(each, Shrinking))
