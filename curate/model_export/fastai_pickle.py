"""`export.pkl`: a Learner of stock fastai classes only, which `load_learner` opens anywhere. Imports fastai.

`learn.predict` of a square is exactly the graph's answer. Of a file it is near: fastai decodes JPEGs at full size,
ignores their EXIF orientation and drops transparency.
"""

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.fx
from fastai.callback.progress import ProgressCallback
from fastai.data.transforms import Normalize
from fastai.learner import Learner, load_learner
from fastai.losses import CrossEntropyLossFlat
from fastai.vision.augment import RandomResizedCrop, Resize
from fastai.vision.core import PILImage
from fastai.vision.data import CategoryBlock, ImageDataLoaders
from PIL import Image
from torch import nn

from curate.errors import BadInput
from curate.training import temperature
from curate.training.networks.build import ChannelsFirst
from curate.training.networks.stages import Stages, TimmStages
from curate.training.saved_model import ModelFacts
from curate.training.settings.augmentation import MIN_SCALE


def write(folder: Path, networks: Sequence[nn.Module], facts: ModelFacts) -> list[str]:
    """Names of the files written to `folder`: export.pkl, or export_1.pkl, … of a snapshot ensemble.

    Raises BadInput, with the reason, for a network that stock classes cannot express.
    """
    loaders = _loaders(folder, facts)
    names = ["export.pkl"] if len(networks) == 1 else [f"export_{i}.pkl" for i in range(1, len(networks) + 1)]
    for network, name in zip(networks, names, strict=True):
        if any(isinstance(part, ChannelsFirst) for part in network.modules()):
            raise BadInput("There is no export.pkl: the network's body is turned round by a class of Curate's own.")
        calibrated = _at_temperature(network, facts.temperature) if len(networks) == 1 else network
        learn = Learner(loaders, _of_stock_classes(calibrated).eval(), loss_func=CrossEntropyLossFlat(), path=folder)
        learn.export(folder / name)
    return names


class _Layers(torch.fx.Tracer):
    """Writes down which layers a body calls, not what is done in them."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return True


def _of_stock_classes(network: nn.Module) -> nn.Module:
    """A network whose body is torch's GraphModule where it was one of Curate's own, which gives all stages."""
    body, *head = network.children()
    if not isinstance(body, (Stages, TimmStages)):
        return network
    graph = _Layers().trace(body.eval())
    graph._tracer_cls = None  # else it would go into the pickle, and is Curate's
    return nn.Sequential(torch.fx.GraphModule(body, graph), *head)


def _loaders(folder: Path, facts: ModelFacts) -> ImageDataLoaders:
    """Made from two pictures that nobody keeps: what is exported of them is the labels and the transforms."""
    files = [folder / f".{number}.png" for number in range(2)]
    for file in files:
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(file)
    config = facts.config
    if config.resize == "random_crop":  # of held-out pictures it takes the middle of the squished square
        resize = RandomResizedCrop(config.size_px, min_scale=MIN_SCALE)
    else:
        resize = Resize(config.size_px, method=config.resize)
    loaders = ImageDataLoaders.from_lists(
        folder, files, facts.labels[:2], valid_pct=0.5, seed=0, bs=1, num_workers=0,
        y_block=CategoryBlock(vocab=facts.labels, sort=False), item_tfms=resize,
        batch_tfms=Normalize.from_stats(facts.mean, facts.std, cuda=False),
    )  # fmt: skip
    for file in files:
        file.unlink()
    return loaders


def _at_temperature(network: nn.Module, temperature: float) -> nn.Module:
    """A copy whose last layer gives the logits divided by the temperature."""
    made = copy.deepcopy(network).to(memory_format=torch.contiguous_format)
    last = [part for part in made.modules() if isinstance(part, nn.Linear)][-1]
    with torch.no_grad():
        for values in (last.weight, last.bias):
            if values is not None:
                values.div_(temperature)
    return made


def answers(pickles: Sequence[Path], pictures: Sequence[Path | np.ndarray], facts: ModelFacts) -> np.ndarray:
    """(n, C) float32: what `learn.predict` says of files, or of squares; of several pickles as the card has it."""
    each = []
    for file in pickles:
        learn = load_learner(file)
        learn.remove_cb(ProgressCallback)
        each.append([learn.predict(_picture(one))[2].numpy() for one in pictures])
    mean: np.ndarray = np.mean(each, axis=0)
    return temperature.apply(mean, facts.temperature) if len(pickles) > 1 else mean


def _picture(picture: Path | np.ndarray) -> PILImage:
    return PILImage.create(picture)
