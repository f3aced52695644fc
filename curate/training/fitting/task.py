"""The start of a training or of a learning-rate search: checks the input, decodes pictures, makes the learner."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from fastai.learner import Learner
from fastai.torch_core import set_seed

from curate.errors import BadInput, JobFailed
from curate.training.fitting import data, decoded_cache, device
from curate.training.fitting.learner import make_learner
from curate.training.fitting.sampling import draw_share
from curate.training.progress import Watcher
from curate.training.settings.config import TrainConfig


@dataclass(frozen=True)
class Task:
    """The checked input: (N,) pictures and labels, the rows of each split, the settings and the device."""

    pictures: Sequence[Path]
    labels: np.ndarray
    train_rows: np.ndarray
    valid_rows: np.ndarray
    label_names: list[str]
    config: TrainConfig
    device: device.Device
    watcher: Watcher


@dataclass(frozen=True)
class Pictures:
    """The decoded pictures, (N, H, W, 3) uint8, with mean and standard deviation of red, green, blue."""

    pixels: np.ndarray
    mean: list[float]
    std: list[float]


def check_task(
    pictures: Sequence[Path],
    labels: np.ndarray,
    is_valid: np.ndarray,
    label_names: list[str],
    config: TrainConfig,
    watcher: Watcher,
) -> Task:
    """Returns the task. Raises BadInput when it cannot be trained."""
    config.validated()
    train_rows, valid_rows = np.flatnonzero(~is_valid), np.flatnonzero(is_valid)
    if len(label_names) < 2:
        raise BadInput(f"Training needs at least 2 labels; there {'is 1' if label_names else 'are none'}.")
    if len(train_rows) < 2:
        raise BadInput(f"Training needs at least 2 pictures in the training split; there are {len(train_rows)}.")
    if len(valid_rows) < 1:
        raise BadInput("Training needs at least 1 picture in the validation split; there are none.")
    labels = np.asarray(labels, dtype=np.int64)
    train_rows = draw_share(train_rows, labels, config.share, config.seed)
    return Task(pictures, labels, train_rows, valid_rows, label_names, config, device.choose(config), watcher)


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """Makes a folder within the run's for temporary files, without those of an interrupted training."""
    place = folder / "scratch"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def decode(task: Task, place: Path) -> Pictures:
    """Decodes all pictures at training size. Raises BadPicture, BadInput, and JobFailed when it was stopped."""
    n = len(task.pictures)

    def on_decoded(n_done: int) -> None:
        task.watcher.message("Preparing pictures", n_done, n)
        if task.watcher.stop_requested():
            raise JobFailed("Stopped while preparing the pictures; nothing was learnt.")

    task.watcher.message("Preparing pictures", 0, n)
    config = task.config
    pixels = decoded_cache.fill(
        task.pictures, config.stored_px, config.resize, place / "pixels.npy", device.n_cores(), on_decoded
    )
    return Pictures(pixels, *data.channel_stats(pixels, task.train_rows, config))


def make_task_learner(task: Task, pictures: Pictures, batch_size: int, place: Path) -> Learner:
    """Returns a learner ready to fit with batches of this size, always the same one. Raises NoWeights."""
    config = replace(task.config, batch_size=batch_size)
    set_seed(config.seed, reproducible=True)
    train = data.Rows(pictures.pixels, task.labels, task.train_rows, split_idx=0)
    valid = data.Rows(pictures.pixels, task.labels, task.valid_rows, split_idx=1)
    loaders = data.make_loaders(train, valid, task.label_names, config, task.device.kind)
    data.add_normalize(loaders, pictures.mean, pictures.std)
    # Draw fastai's extra batch now, so that resumed runs use the same random numbers: `n_inp` augments one when it is
    # first read, otherwise in the middle of the first epoch.
    assert loaders.n_inp == 1
    return make_learner(loaders, config, task.device, place)
