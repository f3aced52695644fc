"""The fastai Learner: body, cut, head, freezing and optimiser are `vision_learner`'s own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from fastai.callback.fp16 import MixedPrecision
from fastai.callback.progress import ProgressCallback
from fastai.data.core import DataLoaders
from fastai.layers import ConvLayer
from fastai.learner import Learner
from fastai.losses import CrossEntropyLossFlat
from fastai.metrics import accuracy
from fastai.vision import models
from fastai.vision.learner import create_body, create_vision_model, model_meta, vision_learner
from fastcore.basics import noop
from torch import nn

from curate.training import weights
from curate.training.callbacks import Bfloat16
from curate.training.config import TrainConfig
from curate.training.device import Device


def small_cnn(pretrained: bool = False) -> nn.Module:
    """Five convolutions, 3 to 128 channels, for pictures of 16 to 64 px: 98 % on handwritten digits after 8 epochs."""
    widths, strides = (3, 32, 64, 64, 128, 128), (2, 1, 2, 1, 2)
    layers = [ConvLayer(*pair, stride=step) for *pair, step in zip(widths, widths[1:], strides, strict=False)]
    return nn.Sequential(nn.Sequential(*layers), nn.AdaptiveAvgPool2d(1))


def constructor(architecture: str) -> Callable[..., nn.Module]:
    """The function that makes the whole network, by which fastai knows where to cut and split it."""
    if architecture == "small_cnn":
        return small_cnn
    return getattr(models.xresnet if architecture.startswith("xresnet") else models, architecture)


def create_network(architecture: str, n_labels: int) -> nn.Module:
    """Body and head as `vision_learner` puts them together, with random weights, for loading trained ones into."""
    return create_vision_model(constructor(architecture), n_labels, pretrained=False)


def make_learner(loaders: DataLoaders, config: TrainConfig, device: Device, folder: Path) -> Learner:
    """A Learner ready to fit; pretrained: with a frozen body. Raises NoWeights.

    folder: where fastai may leave files for the time of the training.
    """
    make = constructor(config.architecture)
    learn = vision_learner(
        loaders,
        make,
        normalize=False,
        pretrained=False,
        loss_func=CrossEntropyLossFlat(),
        metrics=accuracy,
        path=folder,
        model_dir=".",
    )
    if config.pretrained:
        learn.model[0].load_state_dict(_pretrained_body(make, config.architecture))
        learn.freeze()
    learn.model.to(memory_format=torch.channels_last)  # squeezenet1_1, float32: 155 pictures a second, else 49
    learn.remove_cb(ProgressCallback)
    learn.logger = noop
    _reduce_precision(learn, device)
    return learn


def _pretrained_body(make: Callable[..., nn.Module], architecture: str) -> dict[str, Any]:
    """The state of the body as fastai cuts it off a whole network with pretrained weights."""
    whole = make(pretrained=False) if architecture.startswith("xresnet") else make(weights=None)
    weights.load_pretrained(whole, architecture)
    return create_body(whole, pretrained=True, cut=model_meta[make]["cut"]).state_dict()


def _reduce_precision(learn: Learner, device: Device) -> None:
    if device.precision == "bfloat16":
        learn.add_cb(Bfloat16(device.kind))
    elif device.precision == "float16":
        learn.add_cb(MixedPrecision())
