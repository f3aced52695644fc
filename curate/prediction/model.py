"""A trained model brought back from a run's folder, asked about new pictures. Imports torch and fastai: 10 s, once."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from curate.pictures import Source, open_reduced
from curate.training import saved
from curate.training.cache import fitted
from curate.training.networks import create_network

BATCH = 64


class Model:
    """A network with its labels and the very preprocessing it was trained with."""

    def __init__(self, facts: saved.ModelFacts, network: nn.Module) -> None:
        self.facts = facts
        self._network = network.eval()

    @property
    def labels(self) -> list[str]:
        """Label names in the order of the columns that `predict` gives."""
        return self.facts.labels

    def prepare(self, source: Source) -> np.ndarray:
        """(H, W, 3) uint8: a picture file decoded and fitted as in training. Raises BadPicture."""
        size_px = self.facts.config.size_px
        return fitted(open_reduced(source, size_px), size_px, self.facts.config.resize)

    @torch.inference_mode()
    def predict(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """(n, C) float32 probabilities of prepared pictures; rows sum to 1."""
        parts = [np.zeros((0, len(self.labels)), np.float32)]
        for start in range(0, len(pictures), BATCH):
            pixels = torch.from_numpy(np.stack(pictures[start : start + BATCH])).permute(0, 3, 1, 2)
            mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (self.facts.mean, self.facts.std))
            parts.append(self._network((pixels.float() / 255 - mean) / std).softmax(dim=1).numpy())
        return np.concatenate(parts)


def load_model(folder: Path) -> Model:
    """The model that a training left in `folder`. Raises NotFound when there is none, BadInput when it is damaged."""
    facts = saved.read_facts(folder)
    network = create_network(facts.config.architecture, len(facts.labels), facts.config.size_px)
    weights = {name: torch.from_numpy(values) for name, values in saved.read_weights(folder).items()}
    network.load_state_dict(weights)
    return Model(facts, network.to(memory_format=torch.channels_last))
