"""fastai's batch transforms for some settings; training, scoring, prediction and preview share them."""

import torch
from fastai.data.transforms import IntToFloatTensor
from fastai.torch_core import TensorImage
from fastai.vision.augment import RandomErasing, RandomResizedCropGPU, aug_transforms
from fasttransform import Transform
from torch.nn.functional import interpolate

from curate.training.settings.augmentation import MIN_SCALE, arguments, erasing
from curate.training.settings.config import TrainConfig

# fastai's order of transforms: 10 to float, then those here, 30 affine and warp, 40 brightness, 99 normalise.
_CROPPING, _SHRINKING = 20, 25


class MiddleCut(Transform):
    """Cuts the middle of a validation picture, size_px wide, as fastai's `RandomResizedCrop` does."""

    split_idx, order = 1, _CROPPING

    def __init__(self, size_px: int) -> None:
        super().__init__()
        self.size_px = size_px

    def encodes(self, x: TensorImage) -> TensorImage:
        """Returns (n, 3, size_px, size_px)."""
        top, left = ((side - self.size_px) // 2 for side in x.shape[-2:])
        return x[..., top : top + self.size_px, left : left + self.size_px]


class Shrinking(Transform):
    """Shrinks training batches for progressive resizing.  px: the present size, None = unchanged; `Growing` sets it."""

    split_idx, order = 0, _SHRINKING

    def __init__(self) -> None:
        super().__init__()
        self.px: int | None = None

    def encodes(self, x: TensorImage) -> TensorImage:
        """Returns (n, 3, px, px)."""
        if self.px is None or self.px >= x.shape[-1]:
            return x
        return TensorImage(interpolate(x.as_subclass(torch.Tensor), size=self.px, mode="bilinear", antialias=True))


def augments(config: TrainConfig) -> list[Transform]:
    """Returns the augmentations by fastai's `aug_transforms`; [] = none. Random crops belong to the resizing."""
    chosen, chance = arguments(config), erasing(config)
    if chosen is None:
        return []
    return aug_transforms(**chosen, xtra_tfms=[RandomErasing(p=chance)] if chance else None)


def batch_transforms(config: TrainConfig) -> list[Transform]:
    """Returns all batch transforms but normalising: (n, 3, H, W) uint8 of stored_px in, float32 of size_px out.

    fastai applies those for training (split 0) or those for everything else (split 1).
    """
    return [IntToFloatTensor(), *_resizing(config), *augments(config)]


def _resizing(config: TrainConfig) -> list[Transform]:
    made: list[Transform] = []
    if config.resize == "random_crop":
        crop = RandomResizedCropGPU(config.size_px, min_scale=MIN_SCALE)
        crop.split_idx, crop.order = 0, _CROPPING
        made = [crop, MiddleCut(config.size_px)]
    return [*made, Shrinking()] if config.start_px else made
