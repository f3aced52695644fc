"""A trained model on disk: safetensors and JSON in a run's folder, without pickle. It imports no torch."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import numpy as np
import safetensors
import safetensors.numpy

from curate import __version__, store
from curate.errors import BadInput, NotFound
from curate.training.settings.config import TrainConfig

FORMAT = 3
READABLE = (1, 2, 3)  # 1 knew no snapshots, 2 no temperature
MODEL, FACTS, PROBABILITIES = "model.safetensors", "model.json", "probabilities.npy"


@dataclass(frozen=True)
class ModelFacts:
    """Facts needed to rebuild and use a network.

    labels: in the order of its outputs.  mean, std: of red, green, blue in [0, 1], for normalising.  metrics: figures
    of the training.  n_snapshots: further networks, one file each, whose probabilities are averaged with the first's.
    temperature: divides the logarithms of the averaged probabilities; above 1 = the networks were too sure.
    """

    labels: list[str]
    config: TrainConfig
    mean: list[float]
    std: list[float]
    metrics: dict[str, Any]
    n_snapshots: int = 0
    temperature: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """Returns the contents of model.json."""
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
            "n_snapshots": self.n_snapshots,
            "temperature": self.temperature,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Returns the facts in model.json. Raises BadInput for an unknown format."""
        if values.get("format") not in READABLE:
            raise BadInput(f"The model is in format {values.get('format')}; this Curate reads format 1 to {FORMAT}.")
        preprocessing = values["preprocessing"]
        config = TrainConfig.from_json(values["config"])
        mean, std = preprocessing["mean"], preprocessing["std"]
        n_snapshots, temperature = values.get("n_snapshots", 0), values.get("temperature", 1.0)
        return cls(values["labels"], config, mean, std, values["metrics"], n_snapshots, temperature)


def write_model(
    folder: Path, facts: ModelFacts, networks: Iterable[Mapping[str, np.ndarray]], probabilities: np.ndarray
) -> None:
    """Write a model and its (N, C) float32 probabilities into the folder; model.json comes last and marks it whole.

    networks: the parameters of one network, or of each member of an ensemble, in memory one at a time.
    """
    n = 0
    for n, weights in enumerate(networks, start=1):
        in_rows = {name: np.asarray(values, order="C") for name, values in weights.items()}  # not channels last
        store.write_atomic(folder / _file(n - 1), safetensors.numpy.save(in_rows))
    _write_facts(folder, replace(facts, n_snapshots=n - 1), probabilities)


def recalibrate(folder: Path, temperature: float, probabilities: np.ndarray) -> None:
    """Give a model that was just written this temperature, and the (N, C) probabilities that come of it."""
    facts = replace(read_facts(folder), temperature=temperature)
    _write_facts(folder, facts, probabilities)


def read_facts(folder: Path) -> ModelFacts:
    """Reads model.json. Raises NotFound when no training has finished there, and BadInput as `from_json`."""
    try:
        return _parse_facts((folder / FACTS).read_bytes())
    except FileNotFoundError as error:
        raise NotFound("This run has no model.", "It was not finished, or its files were removed.") from error


@lru_cache(maxsize=32)
def _parse_facts(content: bytes) -> ModelFacts:
    """Cached: every prediction needs them."""
    return ModelFacts.from_json(json.loads(content))


def read_weights(folder: Path, member: int = 0) -> dict[str, np.ndarray]:
    """Reads the trained parameters by name. Raises NotFound as `read_facts`, and BadInput for a damaged file.

    member: 0 for the network itself, 1 to n_snapshots for the others of an ensemble.
    """
    try:
        return safetensors.numpy.load((folder / _file(member)).read_bytes())
    except FileNotFoundError as error:
        raise NotFound("This run has no model.", "Its files were removed.") from error
    except safetensors.SafetensorError as error:
        raise BadInput("The run's model file is damaged.", "Train it again.") from error


def _file(member: int) -> str:
    return f"snapshot_{member}.safetensors" if member else MODEL


def write_probabilities(folder: Path, probabilities: np.ndarray) -> None:
    """Write a run's (N, C) probabilities into its folder, as float32."""
    array = BytesIO()
    np.save(array, probabilities.astype(np.float32, copy=False), allow_pickle=False)
    store.write_atomic(folder / PROBABILITIES, array.getvalue())


def _write_facts(folder: Path, facts: ModelFacts, probabilities: np.ndarray) -> None:
    write_probabilities(folder, probabilities)
    store.write_atomic(folder / FACTS, json.dumps(facts.to_json(), indent=1, ensure_ascii=False).encode())
