"""One whole training: pictures, labels and a config in; scores of every picture and a saved model out.

Knows arrays and files only. Takes 10 s to import (torch and fastai): only for job and model processes.
"""

import math
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from fastai.callback.schedule import valley
from fastai.learner import Learner
from fastai.torch_core import set_seed

from curate.errors import BadInput, JobFailed
from curate.training import cache, data, device, saved
from curate.training.callbacks import FitWatch, StepWatch
from curate.training.config import TrainConfig
from curate.training.learner import make_learner
from curate.training.pace import Pace
from curate.training.watcher import EpochRow, Silent, Watcher

_FINDER_STEPS = 100
_USUAL_RATE = 2e-3  # what `fine_tune` takes when nobody chooses


@dataclass(frozen=True)
class TrainResult:
    """What a training came to; arrays in the order the pictures were given, columns in the order of label_names.

    losses: (N,) float32 >= 0, cross-entropy of the given label, high is bad; probabilities: (N, C) float32, rows sum
    to 1; predicted: (N,) int64, the most probable label. All from one pass of the finished model in float32, without
    augmentation: training pictures' losses are of a model that has seen them. accuracy: of the validation pictures.
    learning_rate: found or given; seconds: all of it; is_stopped_early: on request, before the last epoch.
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


@dataclass(frozen=True)
class _Task:
    """Everything given, checked, with the rows of each side worked out."""

    labels: np.ndarray
    train_rows: np.ndarray
    valid_rows: np.ndarray
    label_names: list[str]
    config: TrainConfig
    device: device.Device
    watcher: Watcher
    pace: Pace


def train(
    pictures: Sequence[Path],
    labels: np.ndarray,
    is_valid: np.ndarray,
    label_names: list[str],
    config: TrainConfig,
    folder: Path,
    watch: Watcher | None = None,
) -> TrainResult:
    """Train, score every picture once and leave the model in `folder` (see `saved`).

    labels: (N,) positions in label_names; is_valid: (N,) True = held out, never learnt from. The same config, pictures
    and processor give the same figures again. Raises BadInput, BadPicture, NoWeights; JobFailed when it was stopped
    before anything was learnt.
    """
    began = time.monotonic()
    task = _checked(labels, is_valid, label_names, config, watch or Silent())
    with _scratch(folder) as scratch:
        pixels = _decoded(pictures, task, scratch)
        mean, std = data.channel_stats(pixels, task.train_rows, config)
        learn = _learner(pixels, task, (mean, std), scratch)
        rate = config.learning_rate or _found_rate(learn, task)
        fitting = _fit(learn, task, rate)
        losses, probabilities = _scores(learn, pixels, task)
    result = _result(task, losses, probabilities, fitting, rate, began)
    facts = saved.ModelFacts(list(label_names), config, mean, std, _metrics(task, result))
    weights = {name: values.detach().cpu().numpy() for name, values in learn.model.state_dict().items()}
    saved.write_model(folder, facts, weights, result.probabilities)
    return result


def _checked(
    labels: np.ndarray, is_valid: np.ndarray, label_names: list[str], config: TrainConfig, watcher: Watcher
) -> _Task:
    config.validated()
    train_rows, valid_rows = np.flatnonzero(~is_valid), np.flatnonzero(is_valid)
    if len(label_names) < 2:
        raise BadInput(f"Training needs at least 2 labels; there {'is 1' if label_names else 'are none'}.")
    if len(train_rows) < 2:
        raise BadInput(f"Training needs at least 2 pictures in the training split; there are {len(train_rows)}.")
    if len(valid_rows) < 1:
        raise BadInput("Training needs at least 1 picture in the validation split; there are none.")
    planned = _planned_work(config, len(train_rows), len(valid_rows))
    labels = np.asarray(labels, dtype=np.int64)
    return _Task(labels, train_rows, valid_rows, label_names, config, device.choose(config), watcher, Pace(planned))


def _planned_work(config: TrainConfig, n_train: int, n_valid: int) -> dict[str, int]:
    """Pictures to process by kind of work, for the time left."""
    n_epochs = config.n_frozen + config.epochs
    return {
        "finding": 0 if config.learning_rate else _FINDER_STEPS * min(config.batch_size, n_train),
        "frozen": n_train * config.n_frozen,
        "unfrozen": n_train * config.epochs,
        "scoring": n_valid * n_epochs + n_train + n_valid,
    }


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder inside the run's for the decoded pictures; an interrupted training's left-overs go with it."""
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _decoded(pictures: Sequence[Path], task: _Task, scratch: Path) -> np.ndarray:
    def told(n_done: int) -> None:
        task.watcher.message("Preparing pictures", n_done, len(pictures))
        if task.watcher.stop_requested():
            raise JobFailed("Stopped while preparing the pictures; nothing was learnt.")

    task.watcher.message("Preparing pictures", 0, len(pictures))
    config = task.config
    return cache.fill(pictures, config.size_px, config.resize, scratch / "pixels.npy", device.n_cores(), told)


def _learner(pixels: np.ndarray, task: _Task, stats: tuple[list[float], list[float]], scratch: Path) -> Learner:
    set_seed(task.config.seed, reproducible=True)
    train = data.Rows(pixels, task.labels, task.train_rows, split_idx=0)
    valid = data.Rows(pixels, task.labels, task.valid_rows, split_idx=1)
    loaders = data.make_loaders(train, valid, task.label_names, task.config, task.device.kind)
    data.add_normalize(loaders, *stats)
    return make_learner(loaders, task.config, task.device, scratch)


def _found_rate(learn: Learner, task: _Task) -> float:
    """fastai's `lr_find` with its valley rule; the weights are afterwards as they were before."""
    n_pictures = _FINDER_STEPS * learn.dls.train.bs
    watch = StepWatch(task.watcher, task.pace, "finding", "Finding a learning rate", n_pictures)
    with learn.added_cbs(watch):
        learn.lr_find(num_it=_FINDER_STEPS, show_plot=False, suggest_funcs=None)
    if watch.is_stopped:
        raise JobFailed("Stopped while finding a learning rate; nothing was learnt.")
    task.pace.finish("finding")
    # The same slice as in lr_find, whose own suggestion fails on a search that ended after a few steps.
    rates, losses = (values[_FINDER_STEPS // 10 : -5] for values in (learn.recorder.lrs, learn.recorder.losses))
    finite = [float(loss) for loss in losses if math.isfinite(loss)]
    return valley(rates, finite, _FINDER_STEPS)[0] if len(finite) >= 3 else _USUAL_RATE


def _fit(learn: Learner, task: _Task, rate: float) -> FitWatch:
    """As a notebook does: `fine_tune` when pretrained, else `fit_one_cycle`; the watch knows how far it came."""
    config = task.config
    watch = FitWatch(task.watcher, task.pace, config.n_frozen + config.epochs)
    task.watcher.message(f"Training on {task.device.words}")
    # Once more, and the loader's own: a rate that was found and the same one given then lead to the same model.
    set_seed(config.seed, reproducible=True)
    learn.dls.train.rng = random.Random(config.seed)
    with learn.added_cbs(watch):
        if config.pretrained:
            learn.fine_tune(config.epochs, rate, freeze_epochs=config.frozen_epochs)
        else:
            learn.fit_one_cycle(config.epochs, rate)
    if not watch.n_steps:
        raise JobFailed("Stopped before the first batch; nothing was learnt.")
    return watch


def _scores(learn: Learner, pixels: np.ndarray, task: _Task) -> tuple[np.ndarray, np.ndarray]:
    """(N,) losses and (N, C) probabilities of all pictures, training and validation, in one pass in float32."""
    everything = data.Rows(pixels, task.labels, np.arange(len(pixels)), split_idx=1)
    loader = learn.dls.valid.new(everything)
    watch = StepWatch(task.watcher, task.pace, "scoring", "Scoring pictures", len(everything))
    probabilities, _, losses = learn.get_preds(dl=loader, with_loss=True, reorder=False, cbs=[watch])
    return losses.numpy().astype(np.float32), probabilities.numpy().astype(np.float32)


def _result(
    task: _Task, losses: np.ndarray, probabilities: np.ndarray, fitting: FitWatch, rate: float, began: float
) -> TrainResult:
    predicted = probabilities.argmax(axis=1)
    valid = task.valid_rows
    return TrainResult(
        losses=losses,
        probabilities=probabilities,
        predicted=predicted,
        epochs=fitting.rows,
        accuracy=float((predicted[valid] == task.labels[valid]).mean()),
        valid_loss=float(losses[valid].mean()),
        learning_rate=rate,
        device=task.device.words,
        seconds=time.monotonic() - began,
        is_stopped_early=fitting.is_stopped,
    )


def _metrics(task: _Task, result: TrainResult) -> dict[str, object]:
    return {
        "accuracy": result.accuracy,
        "valid_loss": result.valid_loss,
        "n_train": len(task.train_rows),
        "n_valid": len(task.valid_rows),
        "learning_rate": result.learning_rate,
        "device": result.device,
        "seconds": round(result.seconds, 1),
        "is_stopped_early": result.is_stopped_early,
        "epochs": [asdict(row) for row in result.epochs],
    }
