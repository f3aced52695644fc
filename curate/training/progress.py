"""Progress reports of a training, and the protocol of those who receive them. It imports no torch."""

from dataclasses import dataclass
from typing import Protocol

from curate.training.epoch_table import EpochRow


@dataclass(frozen=True)
class BatchProgress:
    """The progress of a training: batch n of n_batches in epoch n of n_epochs, both from 1.

    train_loss: smoothed.  images_per_s: over this epoch.  seconds_left: until the run is scored and saved.
    valid_loss, accuracy: of the last finished epoch.  memory_mb: in use, of memory_total_mb (see `memory`).
    """

    epoch: int
    n_epochs: int
    batch: int
    n_batches: int
    train_loss: float
    images_per_s: float
    seconds_left: float
    learning_rate: float
    valid_loss: float | None = None
    accuracy: float | None = None
    memory_mb: float | None = None
    memory_total_mb: float | None = None


class Watcher(Protocol):
    """Receives the progress of a training, in its process and thread; an error in a method ends the training."""

    def message(self, text: str, done: int = 0, total: int = 0, seconds_left: float | None = None) -> None:
        """Receives the present activity ("Preparing pictures") and its progress; total 0 = cannot be counted.

        seconds_left: until the end of the whole training; None = not known yet.
        """

    def batch(self, progress: BatchProgress) -> None:
        """Receives every training batch, up to hundreds a second: it must be quick."""

    def epoch(self, row: EpochRow) -> None:
        """Receives every finished epoch."""

    def restarted(self, after_epoch: int, note: str) -> None:
        """The training restarts after this epoch (0 = from the start); reports on later epochs are void.

        note: the reason, a sentence for the result ("The batch of 64 did not fit; trained with 32.").
        """

    def stop_requested(self) -> bool:
        """Called at every batch; True = stop now, then score and save the network as it is."""
        ...

    def stop_after_epoch(self) -> bool:
        """Called at the end of every epoch; True = stop, then score and save."""
        ...


class Silent:
    """A Watcher that ignores everything."""

    def message(self, text: str, done: int = 0, total: int = 0, seconds_left: float | None = None) -> None:
        """Nothing."""

    def batch(self, progress: BatchProgress) -> None:
        """Nothing."""

    def epoch(self, row: EpochRow) -> None:
        """Nothing."""

    def restarted(self, after_epoch: int, note: str) -> None:
        """Nothing."""

    def stop_requested(self) -> bool:
        """Never."""
        return False

    def stop_after_epoch(self) -> bool:
        """Never."""
        return False
