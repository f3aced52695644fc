"""The Watcher of a training in a job: it stores epochs in the run's table, and reports the rest as job progress."""

from typing import Any

from curate.catalog import runs
from curate.jobs.context import JobContext
from curate.training.epoch_table import EpochRow
from curate.training.progress import BatchProgress
from curate.training.settings.overfitting import overfitting


class Watch:
    """A Watcher that writes to the catalog.  run_id: None for a learning-rate search, which has no epochs."""

    def __init__(self, context: JobContext, run_id: int | None, device_label: str) -> None:
        self._context = context
        self._run_id = run_id
        self._facts: dict[str, Any] = {"device": device_label, "notes": []}

    def message(self, text: str, done: int = 0, total: int = 0, seconds_left: float | None = None) -> None:
        """Report an activity other than the epochs."""
        self._context.check()
        known = {} if seconds_left is None else {"seconds_left": seconds_left}
        self._context.report(done, total or None, text, **self._facts, **known)

    def batch(self, progress: BatchProgress) -> None:
        """Report a batch; done and total count the batches of all epochs.

        The job's progress has the fields of BatchProgress, and device, notes (sentences) and overfitting (a sentence).
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
        """Add a row to the run's epoch table and to the log."""
        assert self._run_id is not None
        runs.add_epoch(self._run_id, dict(vars(row)))
        print(
            f"epoch {row.epoch} ({row.phase}): train loss {row.train_loss:.4f}, valid loss {row.valid_loss:.4f}, "
            f"accuracy {row.accuracy:.4f}, {row.seconds:.1f} s",
            flush=True,
        )
        table = runs.epochs(self._run_id)  # also those of an earlier process that this one resumes
        trend = overfitting(table["train_loss"].tolist(), table["valid_loss"].tolist())
        if trend and not self._facts.get("overfitting"):  # log it once
            print(trend.words, flush=True)
        self._facts["overfitting"] = trend.words if trend else None

    def restarted(self, after_epoch: int, note: str) -> None:
        """Drop the epochs that will be trained again, and report the reason."""
        if self._run_id is not None:
            runs.drop_epochs(self._run_id, after_epoch)
        self._facts["notes"] = [*self._facts["notes"], note]
        print(note, flush=True)
        self.message(note)

    def stop_requested(self) -> bool:
        """Whether somebody cancelled and wants to keep the network as it is."""
        return self._context.cancel == "keep"

    def stop_after_epoch(self) -> bool:
        """Whether somebody wants to stop after this epoch."""
        return self._context.cancel == "epoch"
