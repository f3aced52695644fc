"""Pretrained weights: CURATE_WEIGHTS, else what was downloaded before, else a download; never a silent fall-back."""

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
# What reading and loading was seen to raise on files that hold something else.
NOT_WEIGHTS: tuple[type[Exception], ...] = (
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
        network.load_state_dict(_modern_names(read_state(path)))
    except NOT_WEIGHTS as error:
        raise NoWeights(f"`{path}` does not hold weights for `{architecture}`.", _HINT) from error


def loaded_by_timm(architecture: str, make: Callable[[dict[str, Any]], nn.Module]) -> nn.Module:
    """What `make` makes from options to timm's `create_model` that name the weights; raises NoWeights and says why.

    timm fits them to other picture sizes and drops their classifier; it downloads what is not at hand.
    """
    own = architectures.own_weights(architecture)
    if own is None:
        return _downloaded_by_timm(architecture, make)
    try:
        with _no_gaps():
            return make({"pretrained_cfg_overlay": {"state_dict": read_state(own), "custom_load": False}})
    except NOT_WEIGHTS as error:
        raise NoWeights(f"`{own}` does not hold weights for `{architecture}`.", _HINT) from error


def _downloaded_by_timm(architecture: str, make: Callable[[dict[str, Any]], nn.Module]) -> nn.Module:
    try:
        if architectures.weights_at_hand(architecture) is None and architectures.find(architecture).hub:
            _reach_hub()
        with _patience(_PATIENCE_S):
            return make({"pretrained_cfg_overlay": {}})
    except (OSError, RuntimeError, ValueError) as error:  # as below; the hub's "not cached, no network" is a ValueError
        raise NoWeights(_MISSING.format(architecture), _HINT) from error


def _reach_hub() -> None:
    """Raise OSError when the Hugging Face hub does not answer: its own library tries for 47 s before it says so."""
    from huggingface_hub import constants

    try:
        urllib.request.urlopen(urllib.request.Request(constants.ENDPOINT, method="HEAD"), timeout=_PATIENCE_S).close()
    except urllib.error.HTTPError:  # it answered, if only that it does not like the question
        return


class _Gaps(logging.Handler):
    """Raises for the line in which timm mentions, for those who read its log, that a file did not fill the network."""

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
    """The tensors of a .safetensors or .pth file by name, on the processor; nothing but tensors is unpickled."""
    if path.suffix == ".safetensors":
        return safetensors.torch.load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def _modern_names(state: dict[str, Any]) -> dict[str, Any]:
    """torchvision's densenet files still say `norm.1.weight` where its code says `norm1.weight`."""
    return {re.sub(r"(denselayer\d+\.(?:norm|conv))\.(\d)", r"\1\2", name): value for name, value in state.items()}


def _download(architecture: str) -> dict[str, Any]:
    import torchvision  # here, because it takes 4 s to import and a quick look needs only the rest of this module

    weights = torchvision.models.get_model_weights(architecture).DEFAULT
    try:
        with _patience(_PATIENCE_S):
            return _modern_names(weights.get_state_dict(progress=False, check_hash=True))
    except (OSError, RuntimeError) as error:  # no network, no such page; a file that is not what its name says
        raise NoWeights(_MISSING.format(architecture), _HINT) from error


@contextmanager
def _patience(seconds: float) -> Iterator[None]:
    """torch downloads without a time limit: behind a firewall that swallows packets it would wait for minutes."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
