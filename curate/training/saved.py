"""A trained model on disk: safetensors and JSON in a run's folder; nothing is ever unpickled. No torch here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import numpy as np
import safetensors
import safetensors.numpy

from curate import __version__, store
from curate.errors import BadInput, NotFound
from curate.training.config import TrainConfig

FORMAT = 1
MODEL, FACTS, PROBABILITIES = "model.safetensors", "model.json", "probabilities.npy"


@dataclass(frozen=True)
class ModelFacts:
    """All that is needed to rebuild and use a network: labels in the order of its outputs, and the preprocessing.

    mean, std: of red, green, blue in [0, 1], for normalising; metrics: plain figures of the training.
    """

    labels: list[str]
    config: TrainConfig
    mean: list[float]
    std: list[float]
    metrics: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The contents of model.json."""
        preprocessing = {
            "size_px": self.config.size_px,
            "resize": self.config.resize,
            "mean": self.mean,
            "std": self.std,
        }
        return {
            "format": FORMAT,
            "curate": __version__,
            "architecture": self.config.architecture,
            "labels": self.labels,
            "preprocessing": preprocessing,
            "config": self.config.to_json(),
            "metrics": self.metrics,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The other way round; raises BadInput for a format that this version does not know."""
        if values.get("format") != FORMAT:
            raise BadInput(f"The model is in format {values.get('format')}; this Curate reads format {FORMAT}.")
        preprocessing = values["preprocessing"]
        config = TrainConfig.from_json(values["config"])
        return cls(values["labels"], config, preprocessing["mean"], preprocessing["std"], values["metrics"])


def write_model(folder: Path, facts: ModelFacts, weights: Mapping[str, np.ndarray], probabilities: np.ndarray) -> None:
    """Put a model and its (N, C) float32 probabilities into the folder; model.json, written last, says all is there."""
    in_rows = {name: np.asarray(values, order="C") for name, values in weights.items()}  # not channels last
    store.write_atomic(folder / MODEL, safetensors.numpy.save(in_rows))
    array = BytesIO()
    np.save(array, probabilities.astype(np.float32, copy=False), allow_pickle=False)
    store.write_atomic(folder / PROBABILITIES, array.getvalue())
    store.write_atomic(folder / FACTS, json.dumps(facts.to_json(), indent=1, ensure_ascii=False).encode())


def read_facts(folder: Path) -> ModelFacts:
    """What the folder's model.json says; raises NotFound when no training has finished there, BadInput as from_json."""
    try:
        return ModelFacts.from_json(json.loads((folder / FACTS).read_bytes()))
    except FileNotFoundError as error:
        raise NotFound("This run has no model.", "It was not finished, or its files were removed.") from error


def read_weights(folder: Path) -> dict[str, np.ndarray]:
    """The trained parameters by name; raises NotFound as read_facts, BadInput when the file is damaged."""
    try:
        return safetensors.numpy.load((folder / MODEL).read_bytes())
    except FileNotFoundError as error:
        raise NotFound("This run has no model.", "Its files were removed.") from error
    except safetensors.SafetensorError as error:
        raise BadInput("The run's model file is damaged.", "Train it again.") from error


def read_probabilities(folder: Path) -> np.ndarray:
    """(N, C) float32 in the order the pictures were given to the training; raises NotFound."""
    try:
        return np.load(folder / PROBABILITIES, allow_pickle=False)
    except FileNotFoundError as error:
        raise NotFound("This run has no probabilities.", "Its files were removed.") from error
