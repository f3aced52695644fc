"""Pretrained weights: CURATE_WEIGHTS, else the torch cache, else torchvision's download; never a silent fall-back."""

import pickle
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
import torchvision
from safetensors import SafetensorError
from torch import nn

from curate.errors import NoWeights
from curate.training import architectures

_HINT = "Train from scratch instead, or put a file with them into CURATE_WEIGHTS."
_PATIENCE_S = 20.0
# What reading and loading was seen to raise on files that hold something else.
_NOT_WEIGHTS: tuple[type[Exception], ...] = (
    *(RuntimeError, OSError, EOFError, AttributeError, LookupError, TypeError, ValueError),
    *(SafetensorError, pickle.UnpicklingError),
)


def load_pretrained(network: nn.Module, architecture: str) -> None:
    """Fill a whole network, classifier included, with its pretrained weights; raises NoWeights and says why."""
    path = architectures.weights_at_hand(architecture)
    if path is None:
        network.load_state_dict(_download(architecture))
        return
    try:
        network.load_state_dict(_modern_names(_read(path)))
    except _NOT_WEIGHTS as error:
        raise NoWeights(f"`{path}` does not hold weights for `{architecture}`.", _HINT) from error


def _read(path: Path) -> dict[str, Any]:
    if path.suffix == ".safetensors":
        return safetensors.torch.load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def _modern_names(state: dict[str, Any]) -> dict[str, Any]:
    """torchvision's densenet files still say `norm.1.weight` where its code says `norm1.weight`."""
    return {re.sub(r"(denselayer\d+\.(?:norm|conv))\.(\d)", r"\1\2", name): value for name, value in state.items()}


def _download(architecture: str) -> dict[str, Any]:
    weights = torchvision.models.get_model_weights(architecture).DEFAULT
    try:
        with _patience(_PATIENCE_S):
            return _modern_names(weights.get_state_dict(progress=False, check_hash=True))
    except (OSError, RuntimeError) as error:  # no network, no such page; a file that is not what its name says
        raise NoWeights(
            f"The pretrained weights for `{architecture}` are not on this machine and could not be downloaded.", _HINT
        ) from error


@contextmanager
def _patience(seconds: float) -> Iterator[None]:
    """torch downloads without a time limit: behind a firewall that swallows packets it would wait for minutes."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
