"""What a training says while it goes on, and to whom. No torch here: those who listen live in other processes."""

from dataclasses import dataclass
from typing import Protocol

from curate.training.epoch_table import EpochRow


@dataclass(frozen=True)
class BatchProgress:
    """Where a training is: batch n of n_batches in epoch n of n_epochs, both from 1.

    train_loss is smoothed; images_per_s over this epoch; seconds_left until the whole run is scored and saved.
    valid_loss and accuracy: of the last epoch that ended. memory_mb in use of memory_total_mb (see `memory`).
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
    """Told of everything while a training runs, in its process and thread; what its methods raise ends the training."""

    def message(self, text: str, done: int = 0, total: int = 0, seconds_left: float | None = None) -> None:
        """What is being done now ("Preparing pictures"), and how far it is; total 0 = cannot be counted.

        seconds_left: until the whole training is over; None = not known yet.
        """

    def batch(self, progress: BatchProgress) -> None:
        """After every training batch: may be hundreds a second, so be quick."""

    def epoch(self, row: EpochRow) -> None:
        """After every epoch."""

    def restarted(self, after_epoch: int, note: str) -> None:
        """The training goes on after this epoch (0 = from the start): what was told of later ones is void.

        note: why, in a sentence that belongs to the result ("The batch of 64 did not fit; trained with 32.").
        """

    def stop_requested(self) -> bool:
        """Asked at every batch; True = stop now, then score and save what was learnt so far."""
        ...

    def stop_after_epoch(self) -> bool:
        """Asked at every epoch's end; True = learn no more, then score and save."""
        ...


class Silent:
    """A Watcher that nobody listens to."""

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
