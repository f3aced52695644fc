"""The job that trains: the project's present state in, a run with a score for every image out.

Importing fastai takes one core 8 s; meanwhile another embeds the pictures for the doubts.
"""

import importlib
import shutil
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from curate import store
from curate.catalog import jobs as rows
from curate.catalog import runs
from curate.catalog.runs import RunRow
from curate.catalog.tables.core import now
from curate.errors import BadInput, JobFailed
from curate.jobs.context import Cancelled, JobContext
from curate.jobs.work import graph
from curate.jobs.work.training_doubts import doubts_of, embedding_ahead
from curate.jobs.work.training_progress import Watch
from curate.review.listing import score_columns
from curate.review.worth import repeats
from curate.training import saved_model, temperature
from curate.training.phase_timer import PhaseTimer
from curate.training.settings.config import TrainConfig
from curate.training.settings.overfitting import overfitting

if TYPE_CHECKING:  # imported while threads embed pictures
    from curate.training.fitting.run import TrainResult

CHECKPOINT = "checkpoint.pt"
_LEAST = 1e-37  # about float32's smallest: the logarithm of 0 is not finite
KEPT = timedelta(days=7)  # a failed training can be resumed from its last epoch for so long


def run(context: JobContext) -> dict[str, Any]:
    """Returns {"run_id", "accuracy"}. args: {"config": TrainConfig as JSON, "experiment_id": of its experiment}.

    "continues": id of a failed job, whose run is resumed unless settings or labels have changed. "as_run": id of a run
    to repeat on its own pictures and labels; None = on those of today. Such a repeat computes no doubts.
    """
    if context.project_id is None:
        raise BadInput("A training needs a project.")
    config = TrainConfig.from_json(context.args["config"]).validated()
    as_run = context.args.get("as_run")
    chosen = repeats.training_set_of(runs.find_run(as_run)) if as_run else runs.training_set(context.project_id)
    started = _find_started_run(context)
    if started is not None and started.status == "done":  # its process was killed between the run's end and the job's
        return {"run_id": started.id, "accuracy": started.accuracy}
    run_id = _run_to_train(context, config, chosen, started)
    _remove_leftovers(context.project_id, run_id)
    try:
        with nullcontext() if as_run else embedding_ahead(context, chosen):
            importlib.import_module("curate.training.fitting.run")
        importing_s = _seconds_so_far(context)
        result = _train(context, chosen, config, run_id)
        facts = _facts(result, importing_s)
        doubted, why_not = None, "A repeat with another seed: its doubts were not worked out."
        if not as_run:
            doubted, why_not = doubts_of(context, chosen, result.probabilities, PhaseTimer(facts["seconds"]))
    except Cancelled:
        shutil.rmtree(store.run_folder(run_id))
        raise
    if doubted:
        from curate.doubts import stored

        stored.write(store.run_folder(run_id), doubted.assessment)
    else:
        facts["notes"] = [*facts["notes"], why_not]
    columns = {"device": result.device, "seconds": result.seconds, "stopped_early": result.is_stopped_early}
    doubts = doubted.doubts if doubted else None
    losses, probabilities = _calibrated(store.run_folder(run_id), chosen, result)
    runs.finish_run(run_id, chosen, losses, probabilities, columns | {"facts": facts}, doubts=doubts)
    score_columns.build(run_id)
    _checkpoint(run_id).unlink(missing_ok=True)
    context.report(0, None, "Writing the model's graph")
    graph.write(run_id)
    return {"run_id": run_id, "accuracy": result.accuracy}


def _seconds_so_far(context: JobContext) -> float:
    """Returns the seconds since the job started: the import of torch and fastai, and the first embeddings."""
    started_at = rows.find_job(context.job_id).started_at
    return (now() - started_at).total_seconds() if started_at else 0.0


def _run_to_train(context: JobContext, config: TrainConfig, chosen: runs.TrainingSet, started: RunRow | None) -> int:
    """Returns the run to train: the one that this job, or the one it continues, has started; else a new one."""
    assert context.project_id is not None
    if started is not None:
        if started.version_id == chosen.version_id and started.config == config.to_json():
            if not _checkpoint(started.id).exists():
                runs.drop_epochs(started.id, after=0)
            runs.take_up_run(started.id, context.job_id)
            return started.id
        runs.give_up_run(started.id)
    experiment_id = context.args.get("experiment_id")
    return runs.create_run(context.project_id, config.to_json(), chosen, context.job_id, experiment_id)


def _find_started_run(context: JobContext) -> RunRow | None:
    run, earlier = runs.run_of_job(context.job_id), context.args.get("continues")
    while run is None and earlier:  # a job that died before it resumed the run passes it on
        run, earlier = runs.run_of_job(earlier), rows.find_job(earlier).args.get("continues")
    return run


def _train(context: JobContext, chosen: runs.TrainingSet, config: TrainConfig, run_id: int) -> "TrainResult":
    from curate.training.fitting import device
    from curate.training.fitting.run import train

    pictures = store.blob_paths(chosen.shas)
    watch = Watch(context, run_id, device.choose(config).label)
    given = (pictures, chosen.labels, chosen.is_valid, chosen.label_names, config)
    try:
        return train(*given, store.run_folder(run_id), watch, _checkpoint(run_id))
    except JobFailed as error:
        if context.cancel:  # without a batch there is nothing to keep
            raise Cancelled from error
        raise


def _calibrated(folder: Path, chosen: runs.TrainingSet, result: "TrainResult") -> tuple[np.ndarray, np.ndarray]:
    """Returns (N,) losses and (N, C) probabilities, calibrated on the validation images; the model keeps that."""
    valid = chosen.is_valid
    degree = temperature.fit(result.probabilities[valid], chosen.labels[valid])
    probabilities = temperature.apply(result.probabilities, degree)
    saved_model.recalibrate(folder, degree, probabilities)
    own = probabilities[np.arange(len(probabilities)), chosen.labels]
    return -np.log(np.maximum(own, _LEAST)), probabilities


def _facts(result: "TrainResult", importing_s: float) -> dict[str, Any]:
    """Returns {"seconds": by phase, "notes": sentences, "batch_size": that fitted, "overfits_since": epoch or None}."""
    seconds = dict(result.seconds_by_part)
    PhaseTimer(seconds).add("importing", importing_s)
    trend = overfitting([row.train_loss for row in result.epochs], [row.valid_loss for row in result.epochs])
    return {
        "seconds": seconds,
        "notes": result.notes,
        "batch_size": result.batch_size,
        "overfits_since": trend.epoch if trend else None,
    }


def _checkpoint(run_id: int) -> Path:
    return store.run_folder(run_id) / CHECKPOINT


def _remove_leftovers(project_id: int, run_id: int) -> None:
    """Remove files of failed and cancelled trainings: gigabytes of decoded pictures at once, the rest after a week."""
    for run in runs.list_runs(project_id):
        if run.id == run_id or run.status not in ("failed", "cancelled"):
            continue
        may_go_on = run.status == "failed" and run.finished_at is not None and now() - run.finished_at < KEPT
        folder = store.run_folder(run.id)
        shutil.rmtree(folder / "scratch" if may_go_on else folder, ignore_errors=True)
