"""One whole training: pictures, labels and settings in; scores of every picture and a saved model out.

It knows arrays and files only. Its import takes 10 s (torch and fastai): only job and model processes do that.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from fastai.learner import Learner
from fastai.torch_core import set_seed

from curate.errors import JobFailed
from curate.training import saved_model
from curate.training.epoch_table import EpochRow
from curate.training.fitting import data, distributed, kernel_start, rate_finder, scoring, snapshots
from curate.training.fitting.batch_retry import with_batches_that_fit
from curate.training.fitting.callbacks import CheckpointCallback, FitProgress, StepProgress
from curate.training.fitting.checkpoints import CheckpointFile, Progress, fingerprint
from curate.training.fitting.frozen_features import GoesOn
from curate.training.fitting.memory import Gauge
from curate.training.fitting.task import Pictures, Task, check_task, decode, make_task_learner, scratch
from curate.training.fitting.time_left import Pace
from curate.training.phase_timer import PhaseTimer
from curate.training.progress import Silent, Watcher
from curate.training.settings import layer_rates
from curate.training.settings.config import TrainConfig


@dataclass(frozen=True)
class TrainResult:
    """The result of a training; arrays in the order of the given pictures, columns in the order of label_names.

    losses: (N,) float32 >= 0, cross-entropy of the given label, high is bad.  probabilities: (N, C) float32, rows sum
    to 1.  predicted: (N,) int64, the most probable label.  These come from one pass of the finished model without
    augmentation, so the model has seen the training pictures.  accuracy, valid_loss: of the validation pictures.
    learning_rate: found or given.  seconds: in total; seconds_by_part: by phase.  is_stopped_early: on request.
    batch_size: the one that fitted.  notes: sentences on the course of the training ("Resumed after …").
    """

    losses: np.ndarray
    probabilities: np.ndarray
    predicted: np.ndarray
    epochs: list[EpochRow]
    accuracy: float
    valid_loss: float
    learning_rate: float
    device: str
    seconds: float
    is_stopped_early: bool
    batch_size: int
    notes: list[str]
    seconds_by_part: dict[str, float]


def train(
    pictures: Sequence[Path],
    labels: np.ndarray,
    is_valid: np.ndarray,
    label_names: list[str],
    config: TrainConfig,
    folder: Path,
    watch: Watcher | None = None,
    checkpoint: Path | None = None,
) -> TrainResult:
    """Train, score every picture once, and write the model to `folder` (see `saved_model`).

    labels: (N,) positions in label_names.  is_valid: (N,) True = validation, never trained on. On a CPU the same
    settings and pictures give the same figures again.  checkpoint: a file written after every epoch; a training of the
    same pictures and settings resumes from it. The caller removes it. Raises BadInput, BadPicture, NoWeights; JobFailed
    when it was stopped before the first batch.
    """
    began = time.monotonic()
    given = (pictures, labels, is_valid, label_names, config)
    task = check_task(*given, watch or Silent())
    file = CheckpointFile(checkpoint, fingerprint(*given)) if checkpoint is not None else None
    progress = _resume(file, task)
    began -= sum(progress.seconds.values())
    timer = PhaseTimer(progress.seconds)
    with scratch(folder) as place:
        with timer.timed("preparing"):
            decoded = decode(task, place)
        learn = _fitted(task, decoded, place, progress, file)
        with timer.timed("scoring"):
            losses, probabilities = _scores(learn, decoded, task, progress)
        result = _result(task, losses, probabilities, progress, began)
        facts = saved_model.ModelFacts(list(label_names), config, decoded.mean, decoded.std, _metrics(task, result))
        with timer.timed("saving"):
            states = (snapshots.as_arrays(state) for state in snapshots.members(learn))
            saved_model.write_model(folder, facts, states, result.probabilities)
    return replace(result, seconds=time.monotonic() - began)


def _resume(file: CheckpointFile | None, task: Task) -> Progress:
    """Returns the progress of an earlier process, or that of a new training."""
    earlier = file.read() if file is not None else None
    if earlier is None:
        if file is not None and file.exists():
            file.remove()
            task.watcher.restarted(0, "Begun again: the pictures, settings or libraries had changed.")
        return Progress(batch_size=task.config.batch_size)
    where = f"after epoch {len(earlier.rows)}" if earlier.rows else "with the scoring"
    earlier.note(f"Resumed {where}, when the process had ended.")
    task.watcher.restarted(len(earlier.rows), earlier.notes[-1])
    return earlier


def _fitted(task: Task, decoded: Pictures, place: Path, progress: Progress, file: CheckpointFile | None) -> Learner:
    """Returns the learner after all its epochs, with the largest batch that fits into memory."""

    def on_smaller_batch(batch_size: int) -> None:
        progress.begin_again()
        progress.batch_size = batch_size
        progress.notes = [note for note in progress.notes if not note.startswith("The batch of")]
        progress.note(f"The batch of {task.config.batch_size} did not fit; trained with {batch_size}.")
        task.watcher.restarted(0, progress.notes[-1])
        if file is not None:
            file.remove()

    return with_batches_that_fit(
        progress.batch_size,
        lambda batch_size: _fit(make_task_learner(task, decoded, batch_size, place), task, decoded, progress, file),
        on_smaller_batch,
    )


def _fit(learn: Learner, task: Task, decoded: Pictures, progress: Progress, file: CheckpointFile | None) -> Learner:
    """Train the epochs that are left of the schedule, according to `progress`."""
    if progress.is_over and file is not None:
        file.restore(learn)
        return learn
    config, pace = task.config, Pace(_planned_work(task, learn, progress))
    on_features = _feature_progress(task, progress, pace)
    if config.has_kernel and not progress.n_done:
        kernel_start.begin(learn, on_features)
    with PhaseTimer(progress.seconds).timed("finding"):
        progress.rate = progress.rate or config.learning_rate or _find_rate(learn, task, progress, pace)
    watch = FitProgress(task.watcher, pace, config.n_epochs, progress, Gauge(task.device.kind))
    keeping = CheckpointCallback(file, task.watcher, progress, config.n_epochs)
    task.watcher.message(f"Training on {task.device.label}", seconds_left=pace.seconds_left() or None)
    # Seed again, the loader too: then a found rate and the same one given lead to the same model.
    set_seed(config.seed, reproducible=True)
    learn.dls.train.rng = random.Random(config.seed)
    with learn.added_cbs([watch, keeping]):
        distributed.fit(learn, task, decoded, progress.rate, progress.n_done, goes_on=on_features)
    if not progress.n_steps:
        raise JobFailed("Stopped before the first batch; nothing was learnt.")
    return learn


def _feature_progress(task: Task, progress: Progress, pace: Pace) -> GoesOn:
    """Returns a callback that reports the caching of features, counts its time as frozen, and stops on request."""
    began = time.monotonic()

    def on_features(n_done: int, n_all: int) -> bool:
        nonlocal began
        PhaseTimer(progress.seconds).add("frozen", time.monotonic() - began)
        began = time.monotonic()
        task.watcher.message("Looking at pictures once", n_done, n_all, pace.seconds_left() or None)
        progress.is_stopped = progress.is_stopped or task.watcher.stop_requested()
        return not progress.is_stopped

    return on_features


def _planned_work(task: Task, learn: Learner, progress: Progress) -> dict[str, int]:
    """Returns {kind of work: pictures to process}, for the time left."""
    config, n_train = task.config, len(task.train_rows)
    n_frozen = max(0, config.n_frozen - progress.n_done)
    n_left = config.n_epochs - progress.n_done
    return {
        "finding": 0 if config.learning_rate or progress.rate else rate_finder.STEPS * learn.dls.train.bs,
        "frozen": n_train * n_frozen,
        "unfrozen": n_train * (n_left - n_frozen),
        "scoring": len(task.valid_rows) * n_left + len(task.labels) * scoring.n_passes(config),
    }


def _find_rate(learn: Learner, task: Task, progress: Progress, pace: Pace) -> float:
    """Returns the rate of fastai's `lr_find` by its valley rule; the usual one, with a note, if the search fails."""
    n_pictures = rate_finder.STEPS * learn.dls.train.bs
    search = rate_finder.search(
        learn, StepProgress(task.watcher, pace, "finding", "Finding a learning rate", n_pictures)
    )
    pace.finish("finding")
    if "valley" not in search.suggestions:
        progress.note(
            f"No learning rate stood out in the search; {layer_rates.USUAL_RATE:g}, the usual one, was taken."
        )
    return search.suggestions.get("valley", layer_rates.USUAL_RATE)


def _scores(learn: Learner, decoded: Pictures, task: Task, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Returns (N,) losses and (N, C) probabilities of all pictures, training and validation."""
    everything = data.Rows(decoded.pixels, task.labels, np.arange(len(decoded.pixels)), split_idx=1)
    n_planned = len(everything) * scoring.n_passes(task.config)

    def attempt(batch_size: int) -> tuple[np.ndarray, np.ndarray]:
        pace = Pace({"scoring": n_planned})
        watch = StepProgress(task.watcher, pace, "scoring", "Scoring pictures", n_planned)
        return scoring.score(learn, learn.dls.valid.new(everything, bs=batch_size), task.config, [watch])

    return with_batches_that_fit(learn.dls.valid.bs, attempt, lambda _: None)


def _result(task: Task, losses: np.ndarray, probabilities: np.ndarray, progress: Progress, began: float) -> TrainResult:
    predicted = probabilities.argmax(axis=1)
    valid = task.valid_rows
    return TrainResult(
        losses=losses,
        probabilities=probabilities,
        predicted=predicted,
        epochs=progress.rows,
        accuracy=float((predicted[valid] == task.labels[valid]).mean()),
        valid_loss=float(losses[valid].mean()),
        learning_rate=progress.rate or layer_rates.USUAL_RATE,
        device=task.device.label,
        seconds=time.monotonic() - began,
        is_stopped_early=progress.is_stopped,
        batch_size=progress.batch_size,
        notes=progress.notes,
        seconds_by_part=progress.seconds,
    )


def _metrics(task: Task, result: TrainResult) -> dict[str, object]:
    return {
        "accuracy": result.accuracy,
        "valid_loss": result.valid_loss,
        "n_train": len(task.train_rows),
        "n_valid": len(task.valid_rows),
        "learning_rate": result.learning_rate,
        "layer_groups": [asdict(group) for group in layer_rates.group_rates(task.config, result.learning_rate)],
        "device": result.device,
        "seconds": round(result.seconds, 1),
        "is_stopped_early": result.is_stopped_early,
        "batch_size": result.batch_size,
        "notes": result.notes,
        "epochs": [asdict(row) for row in result.epochs],
    }
