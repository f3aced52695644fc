"""fastai's own transforms for whole batches, chosen by a config: the same ones train, score, predict and preview."""

import torch
from fastai.data.transforms import IntToFloatTensor
from fastai.torch_core import TensorImage
from fastai.vision.augment import RandomErasing, RandomResizedCropGPU, aug_transforms
from fasttransform import Transform
from torch.nn.functional import interpolate

from curate.training.settings.augmentation import MIN_SCALE, arguments, erasing
from curate.training.settings.config import TrainConfig

# fastai runs transforms in this order: 10 to float, then ours, 30 turns, zooms and tilts, 40 light, 99 normalise.
_CROPPING, _SHRINKING = 20, 25


class MiddleCut(Transform):
    """The middle of a held-out picture, size_px wide: what fastai's `RandomResizedCrop` makes of it for validation."""

    split_idx, order = 1, _CROPPING

    def __init__(self, size_px: int) -> None:
        super().__init__()
        self.size_px = size_px

    def encodes(self, x: TensorImage) -> TensorImage:
        """(n, 3, size_px, size_px)."""
        top, left = ((side - self.size_px) // 2 for side in x.shape[-2:])
        return x[..., top : top + self.size_px, left : left + self.size_px]


class Shrinking(Transform):
    """Training batches made smaller for progressive resizing; px: None = as they are, set by whoever trains."""

    split_idx, order = 0, _SHRINKING

    def __init__(self) -> None:
        super().__init__()
        self.px: int | None = None

    def encodes(self, x: TensorImage) -> TensorImage:
        """(n, 3, px, px)."""
        if self.px is None or self.px >= x.shape[-1]:
            return x
        return TensorImage(interpolate(x.as_subclass(torch.Tensor), size=self.px, mode="bilinear", antialias=True))


def augments(config: TrainConfig) -> list[Transform]:
    """What makes a training picture another one each time, by fastai's `aug_transforms`; [] = nothing does.

    Random crops are not among them: they belong to the resizing.
    """
    chosen, chance = arguments(config), erasing(config)
    if chosen is None:
        return []
    return aug_transforms(**chosen, xtra_tfms=[RandomErasing(p=chance)] if chance else None)


def batch_transforms(config: TrainConfig) -> list[Transform]:
    """All of a batch's transforms but normalising: (n, 3, H, W) uint8 of stored_px in, float32 of size_px out.

    fastai takes those for training (split 0) or those for everything else (split 1).
    """
    return [IntToFloatTensor(), *_resizing(config), *augments(config)]


def _resizing(config: TrainConfig) -> list[Transform]:
    made: list[Transform] = []
    if config.resize == "random_crop":
        crop = RandomResizedCropGPU(config.size_px, min_scale=MIN_SCALE)
        crop.split_idx, crop.order = 0, _CROPPING
        made = [crop, MiddleCut(config.size_px)]
    return [*made, Shrinking()] if config.start_px else made
