"""Pretrained weights: from CURATE_WEIGHTS, else from a cache, else a download; never a silent fall-back."""

import logging
import pickle
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import nn

from curate.errors import NoWeights
from curate.training.networks import architectures

_HINT = "Train from scratch instead, or put a file with them into CURATE_WEIGHTS."
_MISSING = "The pretrained weights for `{}` are not on this machine and could not be downloaded."
_PATIENCE_S = 20.0
# The errors seen when a file holds something else than weights.
NOT_WEIGHTS: tuple[type[Exception], ...] = (
    *(RuntimeError, OSError, EOFError, AttributeError, LookupError, TypeError, ValueError),
    *(SafetensorError, pickle.UnpicklingError),
)


def load_pretrained(network: nn.Module, architecture: str) -> None:
    """Load pretrained weights into a whole network, classifier included. Raises NoWeights with the reason."""
    path = architectures.find_weights(architecture)
    if path is None:
        network.load_state_dict(_download(architecture))
        return
    try:
        network.load_state_dict(_modern_names(read_state(path)))
    except NOT_WEIGHTS as error:
        raise NoWeights(f"`{path}` does not hold weights for `{architecture}`.", _HINT) from error


def load_with_timm(architecture: str, make: Callable[[dict[str, Any]], nn.Module]) -> nn.Module:
    """Returns what `make` returns for options to timm's `create_model` that name the weights.

    timm adapts them to other picture sizes, drops their classifier, and downloads missing ones. Raises NoWeights with
    the reason.
    """
    own = architectures.own_weights(architecture)
    if own is None:
        return _download_with_timm(architecture, make)
    try:
        with _no_gaps():
            return make({"pretrained_cfg_overlay": {"state_dict": read_state(own), "custom_load": False}})
    except NOT_WEIGHTS as error:
        raise NoWeights(f"`{own}` does not hold weights for `{architecture}`.", _HINT) from error


def _download_with_timm(architecture: str, make: Callable[[dict[str, Any]], nn.Module]) -> nn.Module:
    try:
        if architectures.find_weights(architecture) is None and architectures.find(architecture).hub:
            _reach_hub()
        with _socket_timeout(_PATIENCE_S):
            return make({"pretrained_cfg_overlay": {}})
    except (OSError, RuntimeError, ValueError) as error:  # as below; the hub's "not cached, no network" is a ValueError
        raise NoWeights(_MISSING.format(architecture), _HINT) from error


def _reach_hub() -> None:
    """Raise OSError when the Hugging Face hub does not answer: its own library tries for 47 s first."""
    from huggingface_hub import constants

    try:
        urllib.request.urlopen(urllib.request.Request(constants.ENDPOINT, method="HEAD"), timeout=_PATIENCE_S).close()
    except urllib.error.HTTPError:  # it answered, with an error status
        return


class _Gaps(logging.Handler):
    """Raises RuntimeError for the log line by which timm reports that a file did not fill the network."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith("Missing keys"):
            raise RuntimeError(record.getMessage())


@contextmanager
def _no_gaps() -> Iterator[None]:
    log, gaps = logging.getLogger("timm.models._builder"), _Gaps(logging.INFO)
    before = log.level
    log.addHandler(gaps)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(gaps)
        log.setLevel(before)


def read_state(path: Path) -> dict[str, Any]:
    """Reads the tensors of a .safetensors or .pth file by name, on the CPU; it unpickles nothing but tensors."""
    if path.suffix == ".safetensors":
        return safetensors.torch.load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def _modern_names(state: dict[str, Any]) -> dict[str, Any]:
    """Renames `norm.1.weight` to `norm1.weight`: torchvision's densenet files have the former, its code the latter."""
    return {re.sub(r"(denselayer\d+\.(?:norm|conv))\.(\d)", r"\1\2", name): value for name, value in state.items()}


def _download(architecture: str) -> dict[str, Any]:
    import torchvision  # here, since it takes 4 s to import and a quick look does not need it

    weights = torchvision.models.get_model_weights(architecture).DEFAULT
    try:
        with _socket_timeout(_PATIENCE_S):
            return _modern_names(weights.get_state_dict(progress=False, check_hash=True))
    except (OSError, RuntimeError) as error:  # no network, no such page, or a file with another hash
        raise NoWeights(_MISSING.format(architecture), _HINT) from error


@contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    """Sets a timeout: torch's downloads have none, and would wait for minutes behind a firewall that drops packets."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
