"""The frozen epochs on cached features: what a frozen body makes of a picture that never changes is computed once.

The body answers as it does when scoring (batch normalisation by its stored statistics); fastai's own frozen epochs let
those layers adapt to the new pictures meanwhile, which the unfrozen epochs do here.
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
    """Rows whose pictures are answered by their features, (n, D, 1, 1) float32: plain tensors, that no transform of
    pictures touches."""

    def __init__(self, features: np.ndarray, labels: np.ndarray, rows: np.ndarray, split_idx: int) -> None:
        super().__init__(features, labels, rows, split_idx)

    def batch(self, indices: list[int]) -> tuple[torch.Tensor, TensorCategory]:
        """The features of these, in the order of `rows`, and (n,) int64."""
        labels = torch.from_numpy(self.labels[self.rows[indices]])
        return torch.from_numpy(self.pixels[indices])[:, :, None, None], TensorCategory(labels)


def can_be_cached(learn: Learner, config: TrainConfig) -> bool:
    """Whether every frozen epoch would see the same pictures, and the network has fastai's head on a body.

    Not on several GPUs: each would compute all features, and its network's other parameters would miss their share.
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
        and isinstance(_pool(model), AdaptiveConcatPool2d)
    )


@contextmanager
def cached(learn: Learner, config: TrainConfig, goes_on: GoesOn) -> Iterator[None]:
    """Within the block the learner's loaders give features, and its network passes them to the head.

    goes_on: told (pictures done, of all) after every batch; when it says no, the block begins with nothing cached.
    """
    if not can_be_cached(learn, config):
        yield
        return
    with torch.random.fork_rng(devices=[]):  # loaders draw random numbers, which dropout would miss
        found = _both_sides(learn, goes_on)
    with ExitStack() as stack:
        if found is not None:
            for loader, features in zip(learn.dls.loaders, found, strict=True):
                stack.enter_context(_reading(loader, features))
            for module in (learn.model[0], _pool(learn.model)):
                stack.enter_context(_passing_on(module))
        yield


def _both_sides(learn: Learner, goes_on: GoesOn) -> list[np.ndarray] | None:
    """Features of the training and of the validation pictures; None when it is not to go on."""
    sizes = [len(loader.dataset) for loader in learn.dls.loaders]
    found = []
    for i, loader in enumerate(learn.dls.loaders):
        told = partial(_told, goes_on, sum(sizes[:i]), sum(sizes))
        features = _features(learn, loader.dataset, Path(learn.path) / f"features-{i}.npy", told)
        if features is None:
            return None
        found.append(features)
    return found


def _told(goes_on: GoesOn, n_before: int, n_all: int, n_done: int) -> bool:
    return goes_on(n_before + n_done, n_all)


def _pool(model: nn.Sequential) -> nn.Module | None:
    """The head's first layer, whose answers are the features."""
    return next(model[1].children(), None)


@torch.no_grad()
def _features(learn: Learner, rows: data.Rows, path: Path, goes_on: Callable[[int], bool]) -> np.ndarray | None:
    """(n, D) float32, in a file of their own; None when it is not to go on."""
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
    """The precision in which the learner trains."""
    kind = learn.dls.device.type
    is_half = any(isinstance(cb, MixedPrecision) for cb in learn.cbs)
    is_reduced = is_half or any(isinstance(cb, Bfloat16) for cb in learn.cbs)
    return torch.autocast(kind, torch.float16 if is_half else torch.bfloat16, enabled=is_reduced)


@contextmanager
def _reading(loader: data.BatchDL, features: np.ndarray) -> Iterator[None]:
    rows = loader.dataset
    loader.dataset = FeatureRows(features, rows.labels, rows.rows, rows.split_idx)
    try:
        yield
    finally:
        loader.dataset = rows


@contextmanager
def _passing_on(module: nn.Module | None) -> Iterator[None]:
    """For the time of a block a module gives back what it is given; its parameters stay where they are."""
    assert module is not None
    module.forward = _same  # type: ignore[method-assign]
    try:
        yield
    finally:
        del module.forward


def _same(x: torch.Tensor) -> torch.Tensor:
    return x
