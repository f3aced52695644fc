"""The job that trains: the project's present state in, a run with a score for every image out."""

import shutil
from typing import Any

from curate import store
from curate.catalog import runs
from curate.errors import BadInput, JobFailed
from curate.jobs.context import Cancelled, JobContext
from curate.training import device
from curate.training.config import TrainConfig
from curate.training.run import TrainResult, train
from curate.training.watcher import BatchProgress, EpochRow


def run(context: JobContext) -> dict[str, Any]:
    """{"run_id", "accuracy"}. args: {"config": TrainConfig as JSON, "experiment_id": its experiment's}."""
    if context.project_id is None:
        raise BadInput("A training needs a project.")
    config = TrainConfig.from_json(context.args["config"]).validated()
    _remove_leftovers(context.project_id)
    chosen = runs.training_set(context.project_id)
    experiment_id = context.args.get("experiment_id")
    run_id = runs.create_run(context.project_id, config.to_json(), chosen, context.job_id, experiment_id)
    result = _train(context, chosen, config, run_id)
    facts = {"device": result.device, "seconds": result.seconds, "stopped_early": result.is_stopped_early}
    runs.finish_run(run_id, chosen, result.losses, result.probabilities, facts)
    return {"run_id": run_id, "accuracy": result.accuracy}


def _train(context: JobContext, chosen: runs.TrainingSet, config: TrainConfig, run_id: int) -> TrainResult:
    pictures = [store.blob_path(sha) for sha in chosen.shas]
    watch = Watch(context, run_id, device.choose(config).words)
    folder = store.run_folder(run_id)
    try:
        return train(pictures, chosen.labels, chosen.is_valid, chosen.label_names, config, folder, watch)
    except JobFailed as error:
        if context.cancel:  # with nothing learnt there is nothing to keep
            raise Cancelled from error
        raise


def _remove_leftovers(project_id: int) -> None:
    """Remove what trainings that were killed had decoded: gigabytes, and no later run reads them."""
    for run in runs.list_runs(project_id):
        if run.status in ("failed", "cancelled"):
            shutil.rmtree(store.run_folder(run.id))


class Watch:
    """A training's Watcher that keeps its epochs with the run and shows the rest as the job's progress."""

    def __init__(self, context: JobContext, run_id: int, device_words: str) -> None:
        self._context = context
        self._run_id = run_id
        self._device_words = device_words

    def message(self, text: str, done: int = 0, total: int = 0) -> None:
        """What is being done beside the epochs."""
        self._context.check()
        self._context.report(done, total or None, text)

    def batch(self, progress: BatchProgress) -> None:
        """done and total count batches of all epochs, epoch and batch from 1; the time left is for all that follows."""
        self._context.check()
        self._context.report(
            (progress.epoch - 1) * progress.n_batches + progress.batch,
            progress.n_epochs * progress.n_batches,
            f"Epoch {progress.epoch} of {progress.n_epochs}",
            device=self._device_words,
            **vars(progress),
        )

    def epoch(self, row: EpochRow) -> None:
        """One more line of the run's epoch table, and of the log."""
        runs.add_epoch(self._run_id, dict(vars(row)))
        print(
            f"epoch {row.epoch} ({row.phase}): train loss {row.train_loss:.4f}, valid loss {row.valid_loss:.4f}, "
            f"accuracy {row.accuracy:.4f}, {row.seconds:.1f} s",
            flush=True,
        )

    def stop_requested(self) -> bool:
        """Whether somebody cancelled and wants to keep what was learnt so far."""
        return self._context.cancel == "keep"
