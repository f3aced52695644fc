"""Callbacks that steer a training by its epochs: keeping the best, ending early, growing the pictures."""

import math

from fastai.callback.core import Callback
from fastai.callback.tracker import EarlyStoppingCallback, SaveModelCallback

from curate.training.fitting.transforms import Shrinking
from curate.training.settings.config import TrainConfig


def trackers(config: TrainConfig, n_done: int = 0) -> list[Callback]:
    """Those that the config asks for. n_done: epochs that an interrupted training has behind it."""
    made: list[Callback] = []
    if config.keep_best:
        made.append(KeepBest())
    if config.patience:
        made.append(EndEarly(config.patience))
    if config.start_px is not None:
        made.append(Growing(config.epoch_px, n_done))
    return made


class KeepBest(SaveModelCallback):
    """fastai's, over all fits of one training; a training that ends before its first epoch keeps what it has."""

    def __init__(self) -> None:
        super().__init__(fname="best", reset_on_fit=False)

    def after_fit(self) -> None:
        """Load the best, when there is one."""
        if self.best is not None and math.isfinite(self.best):
            super().after_fit()


class EndEarly(EarlyStoppingCallback):
    """fastai's; after everybody else has heard of the epoch, for its exception ends the telling."""

    order = 90

    def __init__(self, patience: int) -> None:
        super().__init__(patience=patience)


class Growing(Callback):
    """Progressive resizing: tells the transform that shrinks training batches how large this epoch's are.

    sizes_px: for every epoch of all fits; afterwards, and while a learning rate is looked for, nothing is shrunk.
    """

    def __init__(self, sizes_px: list[int], n_done: int) -> None:
        super().__init__()
        self.sizes_px, self.n_begun = sizes_px, n_done

    def before_epoch(self) -> None:
        """The next size."""
        self._shrinking().px = self.sizes_px[min(self.n_begun, len(self.sizes_px) - 1)]
        self.n_begun += 1

    def after_fit(self) -> None:
        """Whoever uses the same transforms now gets whole pictures."""
        self._shrinking().px = None

    def _shrinking(self) -> Shrinking:
        return next(each for each in self.learn.dls.train.after_batch.fs if isinstance(each, Shrinking))
