"""Batches for fastai: its own DataLoaders over the array of decoded pictures, its own transforms on whole batches."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from fastai.data.core import DataLoaders, TfmdDL
from fastai.data.transforms import IntToFloatTensor, Normalize
from fastai.torch_core import TensorCategory, TensorImage
from fastai.vision.augment import aug_transforms
from fastai.vision.core import imagenet_stats

from curate.training.config import TrainConfig

_NO_AUGMENTS: dict[str, Any] | None = None
_AUGMENTS: dict[str, dict[str, Any]] = {
    "light": {"do_flip": False, "max_rotate": 8.0, "max_zoom": 1.1, "max_lighting": 0.1, "max_warp": 0.0},
    "standard": {},
}
_STATS_SAMPLE = 2000  # pictures enough for a mean to two digits


class Rows:
    """Some rows of the decoded pictures with their labels; split_idx 0 (training) lets fastai augment, 1 does not."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray, rows: np.ndarray, split_idx: int) -> None:
        self.pixels, self.labels, self.rows, self.split_idx = pixels, labels, rows, split_idx

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[TensorImage, TensorCategory]:
        pictures, labels = self.batch([index])
        return pictures[0], labels[0]

    def batch(self, indices: list[int]) -> tuple[TensorImage, TensorCategory]:
        """(n, 3, H, W) uint8, channels last in memory as they lie on disk, and (n,) int64."""
        rows = self.rows[indices]
        pictures = torch.from_numpy(self.pixels[rows]).permute(0, 3, 1, 2)
        return TensorImage(pictures), TensorCategory(torch.from_numpy(self.labels[rows]))


class BatchDL(TfmdDL):
    """A fastai DataLoader that takes a batch out of `Rows` in one piece instead of picture by picture."""

    def create_batches(self, samps: Iterable[int]) -> Iterator[tuple[TensorImage, TensorCategory]]:
        """What fastai iterates over: one tuple for every `bs` sampled indices."""
        return map(self.do_batch, self.chunkify(samps))

    def do_item(self, s: int | None) -> int:
        """An index stands for its item until the batch is made."""
        return s or 0

    def do_batch(self, b: list[int]) -> tuple[TensorImage, TensorCategory]:
        """The batch of these indices."""
        return self.dataset.batch(b)


def channel_stats(pixels: np.ndarray, train_rows: np.ndarray, config: TrainConfig) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of red, green, blue in [0, 1] for normalising.

    ImageNet's when pretrained, for that is what those weights have seen; from scratch the training pictures' own.
    """
    if config.pretrained:
        return list(imagenet_stats[0]), list(imagenet_stats[1])
    step = max(1, len(train_rows) // _STATS_SAMPLE)
    sample = pixels[train_rows[::step]].reshape(-1, 3)
    mean = sample.mean(axis=0, dtype=np.float64) / 255
    spread = np.maximum(sample.std(axis=0, dtype=np.float64) / 255, 0.01)  # pictures of one colour: not divided by 0
    return mean.round(6).tolist(), spread.round(6).tolist()


def make_loaders(train: Rows, valid: Rows, label_names: list[str], config: TrainConfig, device: str) -> DataLoaders:
    """fastai DataLoaders as a DataBlock makes them: training shuffled, augmented, an incomplete last batch dropped."""
    augments = _AUGMENTS.get(config.augment, _NO_AUGMENTS)
    after_batch = [IntToFloatTensor(), *([] if augments is None else aug_transforms(**augments))]
    size = min(config.batch_size, len(train))  # else fewer pictures than one batch would train nothing at all
    options = {"num_workers": 0, "after_batch": after_batch, "device": torch.device(device)}
    loaders = DataLoaders(
        BatchDL(train, bs=size, shuffle=True, drop_last=True, **options),
        BatchDL(valid, bs=config.batch_size * 2, **options),
        device=torch.device(device),
    )
    loaders.vocab, loaders.c = label_names, len(label_names)
    return loaders


def add_normalize(loaders: DataLoaders, mean: list[float], std: list[float]) -> None:
    """Normalise every batch of every loader, after augmentation."""
    loaders.add_tfms([Normalize.from_stats(mean, std, cuda=loaders.device.type == "cuda")], "after_batch")
