"""The job that trains: the project's present state in, a run with a score for every image out.

Importing fastai keeps one core busy for 8 s; the other looks at the pictures for the doubts meanwhile.
"""

import importlib
import shutil
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
from curate.jobs.work.training_doubts import doubts_of, looking_ahead
from curate.jobs.work.training_progress import Watch
from curate.review.listing import score_columns
from curate.training import saved_model, temperature
from curate.training.phase_timer import PhaseTimer
from curate.training.settings.config import TrainConfig
from curate.training.settings.overfitting import overfitting

if TYPE_CHECKING:  # imported while other threads look at pictures
    from curate.training.fitting.run import TrainResult

CHECKPOINT = "checkpoint.pt"
_LEAST = 1e-37  # about float32's smallest: the logarithm of 0 would not be a number
KEPT = timedelta(days=7)  # a failed training may be tried again from its last epoch for so long


def run(context: JobContext) -> dict[str, Any]:
    """{"run_id", "accuracy"}. args: {"config": TrainConfig as JSON, "experiment_id": its experiment's}.

    With "continues", the id of a job that failed, its run is gone on with, unless settings or labels have changed.
    """
    if context.project_id is None:
        raise BadInput("A training needs a project.")
    config = TrainConfig.from_json(context.args["config"]).validated()
    chosen = runs.training_set(context.project_id)
    begun = _begun_run(context)
    if begun is not None and begun.status == "done":  # its process was killed between the run's end and the job's
        return {"run_id": begun.id, "accuracy": begun.accuracy}
    run_id = _run_id(context, config, chosen, begun)
    _remove_leftovers(context.project_id, run_id)
    try:
        with looking_ahead(context, chosen):
            importlib.import_module("curate.training.fitting.run")
        importing_s = _seconds_so_far(context)
        result = _train(context, chosen, config, run_id)
        told = _facts(result, importing_s)
        doubted, why_not = doubts_of(context, chosen, result.probabilities, PhaseTimer(told["seconds"]))
    except Cancelled:
        shutil.rmtree(store.run_folder(run_id))
        raise
    if doubted:
        from curate.doubts import stored

        stored.write(store.run_folder(run_id), doubted.assessment)
    else:
        told["notes"] = [*told["notes"], why_not]
    facts = {"device": result.device, "seconds": result.seconds, "stopped_early": result.is_stopped_early}
    doubts = doubted.doubts if doubted else None
    losses, probabilities = _calibrated(store.run_folder(run_id), chosen, result)
    runs.finish_run(run_id, chosen, losses, probabilities, facts | {"facts": told}, doubts=doubts)
    score_columns.build(run_id)
    _checkpoint(run_id).unlink(missing_ok=True)
    context.report(0, None, "Writing the model's graph")
    graph.write(run_id)
    return {"run_id": run_id, "accuracy": result.accuracy}


def _seconds_so_far(context: JobContext) -> float:
    """Since the job's process took it up: importing torch and fastai, and the first look at pictures."""
    started_at = rows.find_job(context.job_id).started_at
    return (now() - started_at).total_seconds() if started_at else 0.0


def _run_id(context: JobContext, config: TrainConfig, chosen: runs.TrainingSet, begun: RunRow | None) -> int:
    """The run to work on: the one that this job, or the one it continues, has begun; else a new one."""
    assert context.project_id is not None
    if begun is not None:
        if begun.version_id == chosen.version_id and begun.config == config.to_json():
            if not _checkpoint(begun.id).exists():
                runs.drop_epochs(begun.id, after=0)
            runs.take_up_run(begun.id, context.job_id)
            return begun.id
        runs.give_up_run(begun.id)
    experiment_id = context.args.get("experiment_id")
    return runs.create_run(context.project_id, config.to_json(), chosen, context.job_id, experiment_id)


def _begun_run(context: JobContext) -> RunRow | None:
    found, earlier = runs.run_of_job(context.job_id), context.args.get("continues")
    while found is None and earlier:  # one that died before it took the run up has passed it on
        found, earlier = runs.run_of_job(earlier), rows.find_job(earlier).args.get("continues")
    return found


def _train(context: JobContext, chosen: runs.TrainingSet, config: TrainConfig, run_id: int) -> "TrainResult":
    from curate.training.fitting import device
    from curate.training.fitting.run import train

    pictures = [store.blob_path(sha) for sha in chosen.shas]
    watch = Watch(context, run_id, device.choose(config).label)
    given = (pictures, chosen.labels, chosen.is_valid, chosen.label_names, config)
    try:
        return train(*given, store.run_folder(run_id), watch, _checkpoint(run_id))
    except JobFailed as error:
        if context.cancel:  # with nothing learnt there is nothing to keep
            raise Cancelled from error
        raise


def _calibrated(folder: Path, chosen: runs.TrainingSet, result: "TrainResult") -> tuple[np.ndarray, np.ndarray]:
    """(N,) losses and (N, C) probabilities at the temperature that the held-out images ask for; the model keeps it."""
    valid = chosen.is_valid
    degree = temperature.fit(result.probabilities[valid], chosen.labels[valid])
    probabilities = temperature.apply(result.probabilities, degree)
    saved_model.recalibrate(folder, degree, probabilities)
    own = probabilities[np.arange(len(probabilities)), chosen.labels]
    return -np.log(np.maximum(own, _LEAST)), probabilities


def _facts(result: "TrainResult", importing_s: float) -> dict[str, Any]:
    """{"seconds": by part, "notes": sentences, "batch_size": that fitted, "overfits_since": epoch or None}."""
    seconds = dict(result.seconds_by_part)
    PhaseTimer(seconds).add("importing", importing_s)
    found = overfitting([row.train_loss for row in result.epochs], [row.valid_loss for row in result.epochs])
    return {
        "seconds": seconds,
        "notes": result.notes,
        "batch_size": result.batch_size,
        "overfits_since": found.epoch if found else None,
    }


def _checkpoint(run_id: int) -> Path:
    return store.run_folder(run_id) / CHECKPOINT


def _remove_leftovers(project_id: int, run_id: int) -> None:
    """Remove what trainings that did not end well have left: gigabytes of decoded pictures, after a week all of it."""
    for run in runs.list_runs(project_id):
        if run.id == run_id or run.status not in ("failed", "cancelled"):
            continue
        may_go_on = run.status == "failed" and run.finished_at is not None and now() - run.finished_at < KEPT
        folder = store.run_folder(run.id)
        shutil.rmtree(folder / "scratch" if may_go_on else folder, ignore_errors=True)
