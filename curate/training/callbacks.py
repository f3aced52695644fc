"""What we hang into fastai's training loop: reduced precision on processors, and the one who watches."""

import math
import time
from typing import Any

import torch
from fastai.callback.core import Callback, CancelFitException
from fastai.torch_core import to_float

from curate.errors import BadInput
from curate.training.pace import Pace
from curate.training.watcher import BatchProgress, EpochRow, Watcher


class Bfloat16(Callback):
    """Training steps in bfloat16 autocast; validation and scoring stay float32, so every figure shown is exact.

    fastai's own MixedPrecision knows only CUDA, and validates in reduced precision too.
    """

    order = 10

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.cast = torch.autocast(kind, dtype=torch.bfloat16)
        self.is_open = False

    def before_batch(self) -> None:
        """Begin, in training."""
        if self.training:
            self.cast.__enter__()
            self.is_open = True

    def after_pred(self) -> None:
        """The loss is computed in float32."""
        if self.is_open:
            self.learn.pred = to_float(self.pred)

    def after_loss(self) -> None:
        """End; the backward pass takes each operation's own precision."""
        if self.is_open:
            self.is_open = False
            self.cast.__exit__(None, None, None)


class Telling(Callback):
    """A callback that may raise anything: fastai's own dispatch rewrites the message of what comes out of one."""

    order = 70  # after fastai's Recorder (50), whose figures are passed on

    def __call__(self, event_name: str) -> Any:
        """Run the method of this name, when there is one."""
        handler = getattr(type(self), event_name, None)
        return handler(self) if handler is not None else None


class FitWatch(Telling):
    """Tells a Watcher of batches and epochs, over all fits of one training; stops when it asks to.

    rows: the epochs finished; n_steps: batches learnt from; is_stopped: somebody asked, no later fit will begin.
    Raises BadInput when the loss is no longer a number.
    """

    def __init__(self, watcher: Watcher, pace: Pace, n_epochs: int) -> None:
        super().__init__()
        self.watcher, self.pace, self.n_planned = watcher, pace, n_epochs
        self.rows: list[EpochRow] = []
        self.is_stopped, self.n_steps = False, 0

    def before_fit(self) -> None:
        """Nothing is fitted after a stop."""
        self.phase = "frozen" if self.opt.frozen_idx > 0 else "unfrozen"
        if self.is_stopped:
            raise CancelFitException

    def before_epoch(self) -> None:
        """Start the clocks."""
        self.began_s = time.monotonic()

    def before_train(self) -> None:
        """Start the clocks."""
        self.n_seen, self.epoch_s, self.last_s = 0, 0.0, time.monotonic()

    def before_validate(self) -> None:
        """Start the clocks."""
        self.last_s = time.monotonic()

    def after_batch(self) -> None:
        """Say where the training is; the place to stop it."""
        n_pictures, now = len(self.yb[0]), time.monotonic()
        seconds, self.last_s = now - self.last_s, now
        self.pace.add(self.phase if self.training else "scoring", n_pictures, seconds)
        if self.training:
            self.n_seen, self.epoch_s, self.n_steps = self.n_seen + n_pictures, self.epoch_s + seconds, self.n_steps + 1
            self.watcher.batch(self._progress())
        if self.watcher.stop_requested():
            self.is_stopped = True
            raise CancelFitException

    def after_epoch(self) -> None:
        """Pass on the line that fastai's Recorder has just made."""
        train_loss, valid_loss, accuracy = (float(value) for value in self.learn.final_record)
        seconds = time.monotonic() - self.began_s
        row = EpochRow(len(self.rows) + 1, self.phase, train_loss, valid_loss, accuracy, 1 - accuracy, seconds)
        self.rows.append(row)
        self.watcher.epoch(row)

    def _progress(self) -> BatchProgress:
        epoch, rate = len(self.rows) + 1, self.opt.hypers[-1]["lr"]
        loss = float(self.learn.smooth_loss)
        if not math.isfinite(loss):
            raise BadInput(
                f"The training loss became {loss} in epoch {epoch}, at a learning rate of {rate:.2g}.",
                "Choose a smaller learning rate, or leave it to be found.",
            )
        images_per_s = self.n_seen / max(self.epoch_s, 1e-9)
        left = self.pace.seconds_left()
        return BatchProgress(epoch, self.n_planned, self.iter + 1, self.n_iter, loss, images_per_s, left, rate)


class StepWatch(Telling):
    """Counts batches of something else than a fit: finding a learning rate, scoring."""

    def __init__(self, watcher: Watcher, pace: Pace, kind: str, words: str, n_pictures: int) -> None:
        super().__init__()
        self.watcher, self.pace, self.kind, self.words, self.n_planned = watcher, pace, kind, words, n_pictures
        self.n_seen, self.last_s, self.is_stopped = 0, time.monotonic(), False

    def after_batch(self) -> None:
        """Say how far it is; only the search for a rate can be stopped, scoring is what a stop leads to."""
        n_pictures, now = len(self.yb[0]), time.monotonic()
        self.pace.add(self.kind, n_pictures, now - self.last_s)
        self.n_seen, self.last_s = self.n_seen + n_pictures, now
        self.watcher.message(self.words, min(self.n_seen, self.n_planned), self.n_planned)
        if self.kind == "finding" and self.watcher.stop_requested():
            self.is_stopped = True
            raise CancelFitException
