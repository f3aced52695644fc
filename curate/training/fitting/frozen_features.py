"""Frozen epochs on cached features: the frozen body computes the features of each unchanging picture once.

Batch normalisation uses its stored statistics, as in scoring. In fastai's own frozen epochs these layers adapt to the
new pictures; here only the unfrozen epochs do that.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import torch
from fastai.callback.fp16 import MixedPrecision
from fastai.layers import AdaptiveConcatPool2d
from fastai.learner import Learner
from fastai.torch_core import TensorCategory, num_distrib
from torch import nn

from curate.training.fitting import data
from curate.training.fitting.bfloat16 import Bfloat16
from curate.training.settings.config import TrainConfig

GoesOn = Callable[[int, int], bool]


class FeatureRows(data.Rows):
    """Rows with features instead of pictures, (n, D, 1, 1) float32: plain tensors, which no transform changes."""

    def __init__(self, features: np.ndarray, labels: np.ndarray, rows: np.ndarray, split_idx: int) -> None:
        super().__init__(features, labels, rows, split_idx)

    def batch(self, indices: list[int]) -> tuple[torch.Tensor, TensorCategory]:
        """Returns the features of these indices and (n,) int64 labels."""
        labels = torch.from_numpy(self.labels[self.rows[indices]])
        return torch.from_numpy(self.pixels[indices])[:, :, None, None], TensorCategory(labels)


def can_be_cached(learn: Learner, config: TrainConfig) -> bool:
    """Whether all frozen epochs see the same pictures, and the network is a body with fastai's head.

    Not on several GPUs: each would compute all features, and the network's other parameters would not be shared.
    """
    is_still = (config.augment, config.mix, config.start_px) == (
        "none",
        "none",
        None,
    ) and config.resize != "random_crop"
    model = learn.model
    return (
        is_still
        and not num_distrib()
        and isinstance(model, nn.Sequential)
        and len(model) == 2
        and isinstance(_pool(model), (AdaptiveConcatPool2d, nn.AdaptiveAvgPool2d))
    )


@contextmanager
def cached(learn: Learner, config: TrainConfig, goes_on: GoesOn) -> Iterator[None]:
    """Within the block the learner's loaders return features, and its network passes them to the head.

    goes_on: receives (pictures done, all) after every batch; when it returns False, nothing is cached.
    """
    if not can_be_cached(learn, config):
        yield
        return
    with torch.random.fork_rng(devices=[]):  # keep the random numbers that the loaders draw for dropout
        of_sides = _both_sides(learn, goes_on)
    with ExitStack() as stack:
        if of_sides is not None:
            for loader, features in zip(learn.dls.loaders, of_sides, strict=True):
                stack.enter_context(_reading_features(loader, features))
            for module in (learn.model[0], _pool(learn.model)):
                stack.enter_context(_as_identity(module))
        yield


def _both_sides(learn: Learner, goes_on: GoesOn) -> list[np.ndarray] | None:
    """Returns the features of the training and of the validation pictures; None after a stop."""
    sizes = [len(loader.dataset) for loader in learn.dls.loaders]
    of_sides = []
    for i in range(len(sizes)):
        features = of_loader(learn, i, partial(_report, goes_on, sum(sizes[:i]), sum(sizes)))
        if features is None:
            return None
        of_sides.append(features)
    return of_sides


def _report(goes_on: GoesOn, n_before: int, n_all: int, n_done: int) -> bool:
    return goes_on(n_before + n_done, n_all)


def _pool(model: nn.Sequential) -> nn.Module | None:
    """Returns the head's first layer, whose outputs are the features."""
    return next(model[1].children(), None)


def of_loader(learn: Learner, i: int, goes_on: Callable[[int], bool]) -> np.ndarray | None:
    """Returns (n, D) float32 features of a loader's pictures, mapped from a file; None after a stop.

    i: 0 = training, 1 = validation. They are computed once in a training: the body must not have learnt.
    """
    path = Path(learn.path) / f"features-{i}.npy"
    if path.exists():
        return np.load(path, mmap_mode="r")
    part = path.with_suffix(".part")
    features = _compute(learn, learn.dls.loaders[i].dataset, part, goes_on)
    if features is not None:
        part.rename(path)
    return features


@torch.no_grad()
def _compute(learn: Learner, rows: data.Rows, path: Path, goes_on: Callable[[int], bool]) -> np.ndarray | None:
    still = data.Rows(rows.pixels, rows.labels, rows.rows, split_idx=1)
    pool = _pool(learn.model)
    assert pool is not None
    body, features, start = nn.Sequential(learn.model[0], pool), None, 0
    body.to(learn.dls.device).eval()
    for pictures, *_ in learn.dls.valid.new(still):
        with _cast(learn):
            answer = body(pictures).float().flatten(1).cpu().numpy()
        if features is None:
            shape = (len(still), answer.shape[1])
            features = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
        features[start : start + len(answer)] = answer
        start += len(answer)
        if not goes_on(start):
            return None
    return features


def _cast(learn: Learner) -> torch.autocast:
    """Returns an autocast context of the learner's precision."""
    kind = learn.dls.device.type
    is_half = any(isinstance(cb, MixedPrecision) for cb in learn.cbs)
    is_reduced = is_half or any(isinstance(cb, Bfloat16) for cb in learn.cbs)
    return torch.autocast(kind, torch.float16 if is_half else torch.bfloat16, enabled=is_reduced)


@contextmanager
def _reading_features(loader: data.BatchDL, features: np.ndarray) -> Iterator[None]:
    rows = loader.dataset
    loader.dataset = FeatureRows(features, rows.labels, rows.rows, rows.split_idx)
    try:
        yield
    finally:
        loader.dataset = rows


@contextmanager
def _as_identity(module: nn.Module | None) -> Iterator[None]:
    """Makes a module return its input within the block; its parameters stay."""
    assert module is not None
    module.forward = _identity  # type: ignore[method-assign]
    try:
        yield
    finally:
        del module.forward


def _identity(x: torch.Tensor) -> torch.Tensor:
    return x
