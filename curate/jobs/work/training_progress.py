"""A training's Watcher inside a job: its epochs go to the run's table, the rest is shown as the job's progress."""

from typing import Any

from curate.catalog import runs
from curate.jobs.context import JobContext
from curate.training.epoch_table import EpochRow
from curate.training.progress import BatchProgress
from curate.training.settings.overfitting import overfitting


class Watch:
    """run_id None: of a search for a learning rate, which has no epochs."""

    def __init__(self, context: JobContext, run_id: int | None, device_words: str) -> None:
        self._context = context
        self._run_id = run_id
        self._facts: dict[str, Any] = {"device": device_words, "notes": []}

    def message(self, text: str, done: int = 0, total: int = 0, seconds_left: float | None = None) -> None:
        """What is being done beside the epochs."""
        self._context.check()
        known = {} if seconds_left is None else {"seconds_left": seconds_left}
        self._context.report(done, total or None, text, **self._facts, **known)

    def batch(self, progress: BatchProgress) -> None:
        """done and total count batches of all epochs, epoch and batch from 1; the time left is for all that follows.

        Beside BatchProgress' own names the progress has device, notes (sentences) and overfitting (a sentence).
        """
        self._context.check()
        self._context.report(
            (progress.epoch - 1) * progress.n_batches + progress.batch,
            progress.n_epochs * progress.n_batches,
            f"Epoch {progress.epoch} of {progress.n_epochs}",
            **self._facts,
            **vars(progress),
        )

    def epoch(self, row: EpochRow) -> None:
        """One more line of the run's epoch table, and of the log."""
        assert self._run_id is not None
        runs.add_epoch(self._run_id, dict(vars(row)))
        print(
            f"epoch {row.epoch} ({row.phase}): train loss {row.train_loss:.4f}, valid loss {row.valid_loss:.4f}, "
            f"accuracy {row.accuracy:.4f}, {row.seconds:.1f} s",
            flush=True,
        )
        table = runs.epochs(self._run_id)  # with the epochs of an earlier process, when this one goes on from it
        found = overfitting(table["train_loss"].tolist(), table["valid_loss"].tolist())
        if found and not self._facts.get("overfitting"):  # the log hears of it once
            print(found.words, flush=True)
        self._facts["overfitting"] = found.words if found else None

    def restarted(self, after_epoch: int, note: str) -> None:
        """Forget the epochs that will be trained anew, and say why they are."""
        if self._run_id is not None:
            runs.drop_epochs(self._run_id, after_epoch)
        self._facts["notes"] = [*self._facts["notes"], note]
        print(note, flush=True)
        self.message(note)

    def stop_requested(self) -> bool:
        """Whether somebody cancelled and wants to keep what was learnt so far."""
        return self._context.cancel == "keep"

    def stop_after_epoch(self) -> bool:
        """Whether somebody asked for that."""
        return self._context.cancel == "epoch"
