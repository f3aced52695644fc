"""Callbacks that tell a Watcher what fastai does, stop it when asked, and keep what a killed training goes on from."""

import math
import time
from typing import Any

from fastai.callback.core import Callback, CancelFitException
from fastai.torch_core import num_distrib

from curate.errors import BadInput
from curate.training.epoch_table import EpochRow
from curate.training.fitting.checkpoints import CheckpointFile, Pauses, Progress, state_bytes
from curate.training.fitting.memory import Gauge
from curate.training.fitting.time_left import Pace
from curate.training.phase_timer import Parts
from curate.training.progress import BatchProgress, Watcher

_HINT = "Choose a smaller learning rate, or leave it to be found."


class Telling(Callback):
    """A callback that may raise anything: fastai's own dispatch rewrites the message of what comes out of one."""

    order = 70  # after fastai's Recorder (50), whose figures are passed on

    def __call__(self, event_name: str) -> Any:
        """Run the method of this name, when there is one."""
        handler = getattr(type(self), event_name, None)
        return handler(self) if handler is not None else None


class FitWatch(Telling):
    """Tells a Watcher of batches and epochs, over all fits of one training, and stops at a batch when it asks to.

    What is known of the training so far stands in `progress`. Raises BadInput when a loss is no longer a number.
    """

    def __init__(self, watcher: Watcher, pace: Pace, n_epochs: int, progress: Progress, gauge: Gauge) -> None:
        super().__init__()
        self.watcher, self.pace, self.n_planned, self.progress, self.gauge = watcher, pace, n_epochs, progress, gauge
        self.parts = Parts(progress.seconds)
        self.began_s: float | None = None

    def before_fit(self) -> None:
        """Nothing is fitted after a stop."""
        self.phase = "frozen" if 0 < self.opt.frozen_idx == len(self.opt.param_lists) - 1 else "unfrozen"
        if self.progress.is_stopped:
            raise CancelFitException

    def before_epoch(self) -> None:
        """Start the clocks."""
        self.began_s = time.monotonic()
        self.gauge.restart()

    def before_train(self) -> None:
        """Start the clocks."""
        self.n_seen, self.epoch_s, self.last_s = 0, 0.0, time.monotonic()

    def before_validate(self) -> None:
        """Start the clocks."""
        self.last_s = time.monotonic()

    def after_batch(self) -> None:
        """Say where the training is; the place to stop it."""
        n_pictures, now = len(self.xb[0]) * max(1, num_distrib()), time.monotonic()  # this GPU's and the others'
        seconds, self.last_s = now - self.last_s, now
        self.pace.add(self.phase if self.training else "scoring", n_pictures, seconds)
        self.gauge.look()
        if self.training:
            self.n_seen, self.epoch_s = self.n_seen + n_pictures, self.epoch_s + seconds
            self.progress.n_steps += 1
            self.watcher.batch(self._batch())
        if self.watcher.stop_requested():
            self.progress.is_stopped = True
            raise CancelFitException

    def after_epoch(self) -> None:
        """Pass on the line that fastai's Recorder has just made."""
        row = self._row()
        self._close_epoch()
        self.progress.rows.append(row)
        self._check("validation", row.valid_loss, row.epoch)
        self.watcher.epoch(row)

    def after_fit(self) -> None:
        """Count an epoch that was broken off."""
        self._close_epoch()

    def _close_epoch(self) -> None:
        if self.began_s is not None:
            self.parts.add(self.phase, time.monotonic() - self.began_s)
            self.began_s = None

    def _row(self) -> EpochRow:
        figures = dict(zip(self.recorder.metric_names[1:], self.learn.final_record, strict=False))  # time has no figure
        train_loss, valid_loss, accuracy = (float(figures[name]) for name in ("train_loss", "valid_loss", "accuracy"))
        return EpochRow(
            len(self.progress.rows) + 1, self.phase, train_loss, valid_loss, accuracy, 1 - accuracy,
            seconds=time.monotonic() - (self.began_s or 0), learning_rate=self._rate(),
            images_per_s=self._images_per_s(), memory_mb=self.gauge.peak_mb,
        )  # fmt: skip

    def _batch(self) -> BatchProgress:
        rows = self.progress.rows
        epoch, loss = len(rows) + 1, float(self.learn.smooth_loss)
        self._check("training", loss, epoch)
        return BatchProgress(
            epoch, self.n_planned, self.iter + 1, self.n_iter, loss, self._images_per_s(), self.pace.seconds_left(),
            self._rate(), valid_loss=rows[-1].valid_loss if rows else None,
            accuracy=rows[-1].accuracy if rows else None, memory_mb=self.gauge.now_mb,
            memory_total_mb=self.gauge.total_mb,
        )  # fmt: skip

    def _rate(self) -> float:
        return float(self.opt.hypers[-1]["lr"])

    def _images_per_s(self) -> float:
        return round(self.n_seen / max(self.epoch_s, 1e-9), 2)

    def _check(self, which: str, loss: float, epoch: int) -> None:
        if not math.isfinite(loss):
            raise BadInput(
                f"The {which} loss became {loss} in epoch {epoch}, at a learning rate of {self._rate():.2g}.", _HINT
            )


class Keeping(Telling):
    """Brings a learner to where a killed training was, keeps a checkpoint of every epoch, and stops after one if asked.

    progress.n_done is the place in the schedule: a phase that ends early counts as fitted.
    """

    order = 95  # after everybody else has had the epoch, and what they changed because of it is kept, too

    def __init__(self, file: CheckpointFile | None, watcher: Watcher, progress: Progress, n_epochs: int) -> None:
        super().__init__()
        self.file, self.watcher, self.progress, self.n_planned = file, watcher, progress, n_epochs
        self.is_to_restore = file is not None and progress.n_done > 0
        self.pauses: Pauses | None = None

    def before_fit(self) -> None:
        """Take up, in the first fit; nothing is fitted after a stop."""
        self.first: int | None = None
        self.pauses = self.pauses or Pauses(state_bytes(self.learn))
        if self.is_to_restore and self.file is not None:
            self.file.restore(self.learn)
            self.is_to_restore = False
        self._stop_if_asked()

    def before_epoch(self) -> None:
        """See where in the schedule this fit begins: one that is taken up may begin in its middle."""
        if self.first is None:
            self.first = self.progress.n_done - self.epoch

    def after_epoch(self) -> None:
        """One more is done; a fit's last one is kept in `after_fit`, with what others do there."""
        self.progress.n_done = (self.first or 0) + self.epoch + 1
        self._stop_if_asked()
        if self.epoch + 1 < self.n_epoch:
            self._keep(is_between_fits=False)

    def after_fit(self) -> None:
        """A phase is over, all of them are, or somebody stopped the training."""
        if self.first is None:
            return
        if not self.progress.is_stopped:
            self.progress.n_done = self.first + self.n_epoch
        self.progress.is_over = self.progress.is_stopped or self.progress.n_done >= self.n_planned
        self._keep(is_between_fits=True)

    def _stop_if_asked(self) -> None:
        if self.progress.rows and self.progress.n_done < self.n_planned and self.watcher.stop_after_epoch():
            self.progress.is_stopped = True
            raise CancelFitException

    def _keep(self, is_between_fits: bool) -> None:
        if self.file is not None and self.pauses is not None and self.pauses.is_due():
            began = time.monotonic()
            self.file.write(self.progress, self.learn, is_between_fits)
            self.pauses.wrote(time.monotonic() - began)


class StepWatch(Telling):
    """Counts batches of something else than a fit: finding a learning rate, scoring."""

    def __init__(self, watcher: Watcher, pace: Pace, kind: str, words: str, n_pictures: int) -> None:
        super().__init__()
        self.watcher, self.pace, self.kind, self.words, self.n_planned = watcher, pace, kind, words, n_pictures
        self.n_seen, self.last_s, self.is_stopped = 0, time.monotonic(), False

    def after_batch(self) -> None:
        """Say how far it is; only the search for a rate can be stopped, scoring is what a stop leads to."""
        n_pictures, now = len(self.xb[0]), time.monotonic()
        self.pace.add(self.kind, n_pictures, now - self.last_s)
        self.n_seen, self.last_s = self.n_seen + n_pictures, now
        done = min(self.n_seen, self.n_planned)
        self.watcher.message(self.words, done, self.n_planned, self.pace.seconds_left())
        if self.kind == "finding":
            self._end_search()

    def _end_search(self) -> None:
        if self.watcher.stop_requested():
            self.is_stopped = True
        if self.is_stopped or not math.isfinite(float(self.learn.smooth_loss)):
            raise CancelFitException
