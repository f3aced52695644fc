"""fastai DataLoaders over the array of decoded pictures, with fastai's transforms on whole batches."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from fastai.callback.data import WeightedDL
from fastai.data.core import DataLoaders, TfmdDL
from fastai.data.transforms import Normalize
from fastai.torch_core import TensorCategory, TensorImage
from fastai.vision.core import imagenet_stats

from curate.training.fitting import transforms
from curate.training.networks import build
from curate.training.settings.config import TrainConfig

_STATS_SAMPLE = 2000  # pictures enough for a mean to two digits


class Rows:
    """Rows of the decoded pictures with their labels.  split_idx: 0 = training, augmented; 1 = not augmented."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray, rows: np.ndarray, split_idx: int) -> None:
        self.pixels, self.labels, self.rows, self.split_idx = pixels, labels, rows, split_idx

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[TensorImage, TensorCategory]:
        pictures, labels = self.batch([index])
        return pictures[0], labels[0]

    def batch(self, indices: list[int]) -> tuple[TensorImage, TensorCategory]:
        """Returns (n, 3, H, W) uint8, channels last in memory as on disk, and (n,) int64 labels."""
        rows = self.rows[indices]
        pictures = torch.from_numpy(self.pixels[rows]).permute(0, 3, 1, 2)
        return TensorImage(pictures), TensorCategory(torch.from_numpy(self.labels[rows]))

    @contextmanager
    def set_split_idx(self, split_idx: int) -> Iterator["Rows"]:
        """Sets split_idx within the block, as `learn.tta` needs it: 0 augments pictures that are scored."""
        before, self.split_idx = self.split_idx, split_idx
        try:
            yield self
        finally:
            self.split_idx = before


class BatchDL(TfmdDL):
    """A fastai DataLoader that takes a whole batch out of `Rows` instead of picture by picture."""

    def create_batches(self, samps: Iterable[int]) -> Iterator[tuple[TensorImage, TensorCategory]]:
        """Yields the batches that fastai iterates over, `bs` sampled indices each."""
        return map(self.do_batch, self.chunkify(samps))

    def do_item(self, s: int | None) -> int:
        """Returns the index itself; `do_batch` reads the items."""
        return s or 0

    def do_batch(self, b: list[int]) -> tuple[TensorImage, TensorCategory]:
        """Returns the batch of these indices."""
        return self.dataset.batch(b)


class EvenDL(BatchDL, WeightedDL):
    """Draws as many pictures per epoch as there are, with replacement, every label equally often."""


def channel_stats(pixels: np.ndarray, train_rows: np.ndarray, config: TrainConfig) -> tuple[list[float], list[float]]:
    """Returns mean and standard deviation of red, green, blue in [0, 1] for normalising.

    Pretrained networks use ImageNet's (or those that timm names for its weights), others the training pictures' own.
    """
    expected = build.stats(config.architecture) if config.pretrained else None
    if expected is not None:
        return expected
    if config.pretrained:
        return list(imagenet_stats[0]), list(imagenet_stats[1])
    step = max(1, len(train_rows) // _STATS_SAMPLE)
    sample = pixels[train_rows[::step]].reshape(-1, 3)
    mean = sample.mean(axis=0, dtype=np.float64) / 255
    spread = np.maximum(sample.std(axis=0, dtype=np.float64) / 255, 0.01)  # no division by 0 for pictures of one colour
    return mean.round(6).tolist(), spread.round(6).tolist()


def make_loaders(train: Rows, valid: Rows, label_names: list[str], config: TrainConfig, device: str) -> DataLoaders:
    """Returns DataLoaders as a DataBlock makes them: training shuffled, augmented, an incomplete last batch dropped."""
    size = min(config.batch_size, len(train))  # else fewer pictures than a batch would make no batch at all
    options = {"num_workers": 0, "after_batch": transforms.batch_transforms(config), "device": torch.device(device)}
    loaders = DataLoaders(
        _train_loader(train, config, bs=size, shuffle=True, drop_last=True, **options),
        BatchDL(valid, bs=config.batch_size * 2, **options),
        device=torch.device(device),
    )
    loaders.vocab, loaders.c = label_names, len(label_names)
    return loaders


def label_counts(rows: Rows, n_labels: int) -> np.ndarray:
    """(C,) int64: pictures of each label among these rows."""
    return np.bincount(rows.labels[rows.rows], minlength=n_labels)


def _train_loader(train: Rows, config: TrainConfig, **options: Any) -> BatchDL:
    if config.balance != "sampling":
        return BatchDL(train, **options)
    counts = np.bincount(train.labels[train.rows])
    return EvenDL(train, wgts=1 / counts[train.labels[train.rows]], **options)


def add_normalize(loaders: DataLoaders, mean: list[float], std: list[float]) -> None:
    """Normalise every batch of every loader, after augmentation."""
    loaders.add_tfms([Normalize.from_stats(mean, std, cuda=loaders.device.type == "cuda")], "after_batch")
