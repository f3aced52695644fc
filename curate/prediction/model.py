"""A trained model brought back from a run's folder, asked about new pictures. Imports torch and fastai: 10 s, once."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from fastai.data.transforms import Normalize
from fastai.torch_core import TensorImage
from fasttransform import Pipeline
from torch import nn

from curate.pictures import Source, read_square
from curate.prediction.gradcam import grad_cam
from curate.prediction.quick_model import QuickModel, load_quick_model
from curate.training import saved_model, temperature
from curate.training.fitting.transforms import batch_transforms
from curate.training.networks import kernel_head
from curate.training.networks.build import create_network

BATCH = 64
_PLAIN_SHARE = 0.25  # of the picture as it is, among its augmented copies: beta of fastai's `learn.tta`


class Model:
    """A network, or an ensemble of them, with its labels and the very preprocessing it was trained with."""

    def __init__(self, facts: saved_model.ModelFacts, networks: Sequence[nn.Module]) -> None:
        self.facts = facts
        self._networks = [network.eval() for network in networks]
        self._network = self._networks[0]
        transforms = [*batch_transforms(facts.config), Normalize.from_stats(facts.mean, facts.std, cuda=False)]
        self._augmented, self._plain = Pipeline(transforms, split_idx=0), Pipeline(transforms, split_idx=1)

    @property
    def labels(self) -> list[str]:
        """Label names in the order of the columns that `predict` gives."""
        return self.facts.labels

    def prepare(self, source: Source) -> np.ndarray:
        """(H, W, 3) uint8: a picture file decoded and fitted as in training. Raises BadPicture."""
        return read_square(source, self.facts.config.stored_px, self.facts.config.resize)

    @torch.inference_mode()
    def predict(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """(n, C) float32 probabilities of prepared pictures; rows sum to 1.

        Averaged over augmented copies where the training was scored so: each picture by itself, from the config's seed,
        so that its answer does not depend on the others.
        """
        parts = [np.zeros((0, len(self.labels)), np.float32)]
        for start in range(0, len(pictures), BATCH):
            pixels = torch.from_numpy(np.stack(pictures[start : start + BATCH])).permute(0, 3, 1, 2)
            parts.append(self._answer(TensorImage(pixels)).numpy())
        return temperature.apply(np.concatenate(parts), self.facts.temperature)

    def heat(self, picture: np.ndarray, labels: Sequence[int]) -> np.ndarray:
        """(L, h, w) float32: at each place of a prepared picture, what speaks for each of the L label positions.

        Of the picture as it is, without augmented copies; an ensemble's maps are averaged. Raises BadInput as
        `grad_cam`.
        """
        pixels = self._plain(TensorImage(torch.from_numpy(picture[None]).permute(0, 3, 1, 2)))
        batch = pixels.as_subclass(torch.Tensor).detach()
        return np.mean([grad_cam(network, batch.clone(), labels) for network in self._networks], axis=0)

    def _answer(self, pixels: TensorImage) -> torch.Tensor:
        plain = self._ask(self._plain(pixels))
        if not self.facts.config.tta:
            return plain
        copies = [self._ask(self._copy(pixels, number)) for number in range(self.facts.config.tta_n)]
        return torch.lerp(torch.stack(copies).mean(dim=0), plain, _PLAIN_SHARE)

    def _ask(self, batch: TensorImage) -> torch.Tensor:
        """(n, C): the mean of what the networks answer."""
        plain = batch.as_subclass(torch.Tensor)
        return torch.stack([network(plain).softmax(dim=1) for network in self._networks]).mean(dim=0)

    def _copy(self, pixels: TensorImage, number: int) -> TensorImage:
        copies = []
        for i in range(len(pixels)):
            with _seeded(self.facts.config.seed + number):
                copies.append(self._augmented(pixels[i : i + 1]))
        return TensorImage(torch.cat(copies))


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """fastai's transforms draw from Python's and torch's random numbers: from this seed in here, as before after it."""
    before = random.getstate()
    random.seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
    random.setstate(before)


def load_model(folder: Path) -> Model | QuickModel:
    """The model that a training left in `folder`. Raises NotFound when there is none, BadInput when it is damaged."""
    facts = saved_model.read_facts(folder)
    if facts.config.method == "quick_look":
        return load_quick_model(folder)
    return Model(facts, load_networks(folder, facts))


def load_networks(folder: Path, facts: saved_model.ModelFacts) -> list[nn.Module]:
    """The trained network, and after it the others of an ensemble. Raises NotFound, BadInput."""
    return [_network(folder, facts, member) for member in range(facts.n_snapshots + 1)]


def _network(folder: Path, facts: saved_model.ModelFacts, member: int) -> nn.Module:
    weights = {name: torch.from_numpy(values) for name, values in saved_model.read_weights(folder, member).items()}
    config = facts.config
    kernel = kernel_head.size_of(weights) if config.has_kernel else None
    network = create_network(config.architecture, len(facts.labels), config.size_px, kernel=kernel)
    network.load_state_dict(weights)
    return network.to(memory_format=torch.channels_last)
