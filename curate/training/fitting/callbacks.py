"""Callbacks that report fastai's progress to a Watcher, stop on its request, and write checkpoints."""

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
from curate.training.phase_timer import PhaseTimer
from curate.training.progress import BatchProgress, Watcher

_HINT = "Choose a smaller learning rate, or leave it to be found."


class RaisingCallback(Callback):
    """A callback whose errors keep their message, which fastai's own dispatch would rewrite."""

    order = 70  # after fastai's Recorder (50), whose figures it uses

    def __call__(self, event_name: str) -> Any:
        """Run the method of this name, when there is one."""
        handler = getattr(type(self), event_name, None)
        return handler(self) if handler is not None else None


class FitProgress(RaisingCallback):
    """Reports batches and epochs of all fits of one training to a Watcher, and stops when it requests that.

    It updates `progress`. Raises BadInput when a loss is not finite.
    """

    def __init__(self, watcher: Watcher, pace: Pace, n_epochs: int, progress: Progress, gauge: Gauge) -> None:
        super().__init__()
        self.watcher, self.pace, self.n_planned, self.progress, self.gauge = watcher, pace, n_epochs, progress, gauge
        self.timer = PhaseTimer(progress.seconds)
        self.began_s: float | None = None

    def before_fit(self) -> None:
        """Skip the fit after a stop."""
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
        """Report the progress; stop on request."""
        n_pictures, now = len(self.xb[0]) * max(1, num_distrib()), time.monotonic()  # this GPU's and the others'
        seconds, self.last_s = now - self.last_s, now
        self.pace.add(self.phase if self.training else "scoring", n_pictures, seconds)
        self.gauge.update()
        if self.training:
            self.n_seen, self.epoch_s = self.n_seen + n_pictures, self.epoch_s + seconds
            self.progress.n_steps += 1
            self.watcher.batch(self._batch())
        if self.watcher.stop_requested():
            self.progress.is_stopped = True
            raise CancelFitException

    def after_epoch(self) -> None:
        """Report the row that fastai's Recorder has just made."""
        row = self._row()
        self._close_epoch()
        self.progress.rows.append(row)
        self._check("validation", row.valid_loss, row.epoch)
        self.watcher.epoch(row)

    def after_fit(self) -> None:
        """Count the time of an interrupted epoch."""
        self._close_epoch()

    def _close_epoch(self) -> None:
        if self.began_s is not None:
            self.timer.add(self.phase, time.monotonic() - self.began_s)
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


class CheckpointCallback(RaisingCallback):
    """Restores a killed training, writes a checkpoint after every epoch, and stops after one on request.

    progress.n_done: finished epochs of the schedule; a phase that ends early counts as finished.
    """

    order = 95  # after all other callbacks, so that the checkpoint contains their changes

    def __init__(self, file: CheckpointFile | None, watcher: Watcher, progress: Progress, n_epochs: int) -> None:
        super().__init__()
        self.file, self.watcher, self.progress, self.n_planned = file, watcher, progress, n_epochs
        self.is_to_restore = file is not None and progress.n_done > 0
        self.pauses: Pauses | None = None
        self.first: int | None = None  # also where an earlier callback skips the fit

    def before_fit(self) -> None:
        """Restore the state in the first fit; skip the fit after a stop."""
        self.first = None
        self.pauses = self.pauses or Pauses(state_bytes(self.learn))
        if self.is_to_restore and self.file is not None:
            self.file.restore(self.learn)
            self.is_to_restore = False
        self._stop_if_requested()

    def before_epoch(self) -> None:
        """Compute where in the schedule this fit begins; a resumed one may begin in its middle."""
        if self.first is None:
            self.first = self.progress.n_done - self.epoch

    def after_epoch(self) -> None:
        """Write a checkpoint, except after a fit's last epoch: `after_fit` writes that one."""
        self.progress.n_done = (self.first or 0) + self.epoch + 1
        self._stop_if_requested()
        if self.epoch + 1 < self.n_epoch:
            self._write_checkpoint(is_between_fits=False)

    def after_fit(self) -> None:
        """Write a checkpoint at the end of a phase, of the training, or after a stop."""
        if self.first is None:
            return
        if not self.progress.is_stopped:
            self.progress.n_done = self.first + self.n_epoch
        self.progress.is_over = self.progress.is_stopped or self.progress.n_done >= self.n_planned
        self._write_checkpoint(is_between_fits=True)

    def _stop_if_requested(self) -> None:
        if self.progress.rows and self.progress.n_done < self.n_planned and self.watcher.stop_after_epoch():
            self.progress.is_stopped = True
            raise CancelFitException

    def _write_checkpoint(self, is_between_fits: bool) -> None:
        if self.file is not None and self.pauses is not None and self.pauses.is_due():
            began = time.monotonic()
            self.file.write(self.progress, self.learn, is_between_fits)
            self.pauses.wrote(time.monotonic() - began)


class StepProgress(RaisingCallback):
    """Reports the batches of a learning-rate search or of scoring to a Watcher."""

    def __init__(self, watcher: Watcher, pace: Pace, kind: str, words: str, n_pictures: int) -> None:
        super().__init__()
        self.watcher, self.pace, self.kind, self.words, self.n_planned = watcher, pace, kind, words, n_pictures
        self.n_seen, self.last_s, self.is_stopped = 0, time.monotonic(), False

    def after_batch(self) -> None:
        """Report the progress. Only the search can be stopped: a stopped training still scores."""
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
