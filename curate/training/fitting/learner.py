"""Makes the fastai Learner as `vision_learner` does, also for networks that fastai cannot cut."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from fastai import optimizer
from fastai.callback.core import Callback
from fastai.callback.fp16 import MixedPrecision
from fastai.callback.mixup import CutMix, MixUp
from fastai.callback.progress import ProgressCallback
from fastai.callback.training import BnFreeze
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.metrics import accuracy
from fastcore.basics import noop

from curate.training.fitting import data, kernel_start, losses
from curate.training.fitting.bfloat16 import Bfloat16
from curate.training.fitting.device import Device
from curate.training.networks.build import create_network, splitter
from curate.training.settings.config import TrainConfig

# SGD and RMSProp with momentum, which fastai's schedules vary; its own default for both is none.
OPTIMIZERS: dict[str, Callable[..., Any]] = {
    "adam": optimizer.Adam,
    "sgd": partial(optimizer.SGD, mom=0.9),
    "rmsprop": partial(optimizer.RMSProp, mom=0.9),
    "radam": optimizer.RAdam,
    "qhadam": optimizer.QHAdam,
    "ranger": optimizer.ranger,
    "larc": optimizer.Larc,
    "lamb": optimizer.Lamb,
}
_MIXES: dict[str, Callable[[float], Callback]] = {"mixup": MixUp, "cutmix": CutMix}


def make_learner(loaders: DataLoaders, config: TrainConfig, device: Device, folder: Path) -> Learner:
    """Returns a Learner ready to fit, with a frozen body if pretrained. Raises NoWeights.

    folder: for fastai's temporary files. Before a kernel head, batch normalisation keeps its statistics while the body
    is frozen: the head was fitted to what they give.
    """
    kernel = kernel_start.size_for(len(loaders.train.dataset)) if config.has_kernel else None
    network = create_network(config.architecture, loaders.c, config.size_px, config.pretrained, kernel)
    counts = data.label_counts(loaders.train.dataset, loaders.c)
    loss = losses.training_loss(config, counts, loaders.device)
    learn = Learner(
        loaders,
        network,
        loss_func=loss,
        opt_func=OPTIMIZERS[config.optimizer],
        splitter=splitter(config.architecture),
        wd=config.weight_decay,
        train_bn=not config.has_kernel,
        cbs=[losses.PlainValidation(loss), *_mixing(config), *([BnFreeze()] if config.has_kernel else [])],
        metrics=accuracy,
        path=folder,
        model_dir=".",
    )
    if config.pretrained:
        learn.freeze()
    learn.model.to(memory_format=torch.channels_last)  # squeezenet1_1, float32: 155 pictures a second, else 49
    learn.remove_cb(ProgressCallback)
    learn.logger = noop
    _reduce_precision(learn, device)
    if kernel is not None:
        kernel_start.keep_precise(learn.model[1])
    return learn


def _mixing(config: TrainConfig) -> list[Callback]:
    return [_MIXES[config.mix](config.mix_alpha)] if config.mix in _MIXES else []


def _reduce_precision(learn: Learner, device: Device) -> None:
    if device.precision == "bfloat16":
        learn.add_cb(Bfloat16(device.kind))
    elif device.precision == "float16":
        learn.add_cb(MixedPrecision())
