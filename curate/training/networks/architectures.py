"""The networks that can be trained: size, description, and the location of their weights. It imports no torch."""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from curate import settings
from curate.errors import BadInput
from curate.training.networks import known_networks, timm_networks

TIMM = "timm/"  # before a timm name that is also one of torchvision's
PIXELS = "pixels"  # a quick look without any network: the colours of the shrunken picture
_TIMM_WORDS = "One of the many networks of the timm library."


@dataclass(frozen=True)
class Architecture:
    """A network that fastai can cut and retrain.

    parameters_m: millions of parameters with fastai's head for ten labels; groups_m: of each layer group, input side
    first.  min_px: smallest side of a picture it takes; fixed_px: the side it was made for, 0 = takes any.
    download_mb: size of the published weights (of timm's: about), 0 = none.  checkpoint: their file in torch's cache;
    hub: their repository on the Hugging Face hub; None = not there.
    """

    name: str
    parameters_m: float
    min_px: int
    download_mb: float
    checkpoint: str | None
    words: str
    groups_m: tuple[float, ...]
    library: str = "torchvision"
    fixed_px: int = 0
    hub: str | None = None

    @property
    def group_names(self) -> tuple[str, ...]:
        """The names of the layer groups, input side first."""
        return ("body", "head") if len(self.groups_m) == 2 else ("early layers", "late layers", "head")

    @property
    def n_groups(self) -> int:
        """Layer groups; each has a learning rate of its own."""
        return len(self.groups_m)

    @property
    def size_mb(self) -> float:
        """Megabytes of the trained model on disk: four bytes for each parameter."""
        return round(self.parameters_m * 4, 1)


ARCHITECTURES = [Architecture(*row, known_networks.GROUPS_M[row[0]]) for row in known_networks.ROWS]

_BY_NAME = {architecture.name: architecture for architecture in ARCHITECTURES}


def find(name: str) -> Architecture:
    """Returns the architecture of this name, also of timm. Raises BadInput for an unknown name.

    A name of timm's may have the tag of one of its weights, as in `resnet50d.a1_in1k`.
    """
    architecture = _BY_NAME.get(name) or _timm(name)
    if architecture is None:
        near = search(name.removeprefix(TIMM)[:4], 3)
        hint = f"Similar ones: {', '.join(near)}." if near else ""
        raise BadInput(f"There is no architecture `{name}`.", hint or f"There are: {', '.join(_BY_NAME)}.")
    return architecture


def search(text: str, most: int = 100) -> list[str]:
    """Returns at most `most` names that contain every word of the text, Curate's own first, then timm's.

    >>> search("mobile v2", 2)
    ['mobilenet_v2', 'mobilenet_edgetpu_v2_l']
    """
    words = text.casefold().split()
    return [name for name in all_names() if all(word in name for word in words)][:most]


@lru_cache(maxsize=1)
def all_names() -> tuple[str, ...]:
    """Returns every name that `find` knows, without tags; timm's have the prefix timm/ where they would clash."""
    return (*_BY_NAME, *(TIMM * (name in _BY_NAME) + name for name in timm_networks.networks()))


@lru_cache(maxsize=256)
def _timm(name: str) -> Architecture | None:
    bare, _, tag = name.removeprefix(TIMM).partition(".")
    row = timm_networks.networks().get(bare)
    if row is None or (tag and tag not in row.tags):
        return None
    usual = not tag or tag == row.tags[0]
    hub = f"timm/{bare}.{tag or row.tags[0]}" if row.tags else None
    checkpoint = None
    if usual and row.source:
        hub, checkpoint = (row.source, None) if "/" in row.source else (None, row.source)
    return Architecture(
        name=name,
        parameters_m=round(row.body_m + row.head_m, 1),
        min_px=min(row.min_px, 16) if row.fixed_px else row.min_px,
        download_mb=round(4 * row.body_m, 1) if row.tags else 0.0,
        checkpoint=checkpoint,
        words=_TIMM_WORDS + (f" Made for {row.fixed_px} px." if row.fixed_px else ""),
        groups_m=(row.body_m, row.head_m),
        library="timm",
        fixed_px=row.fixed_px,
        hub=hub,
    )


def may_be_pretrained(architecture: Architecture) -> bool:
    """Whether pretrained weights exist: published ones, or a file in CURATE_WEIGHTS."""
    published = architecture.checkpoint or architecture.hub
    return published is not None or find_weights(architecture.name) is not None


def find_weights(name: str) -> Path | None:
    """Returns the local file of pretrained weights; None = a training would have to download them.

    It looks in CURATE_WEIGHTS for <name>.safetensors or <name>.pth, then in the caches of torch and Hugging Face.
    """
    own, architecture = own_weights(name), find(name)
    if own is not None:
        return own
    if architecture.checkpoint is not None and (torch_cache() / architecture.checkpoint).is_file():
        return torch_cache() / architecture.checkpoint
    return _in_hub_cache(architecture.hub) if architecture.hub else None


def own_weights(name: str) -> Path | None:
    """Returns the file of this network in CURATE_WEIGHTS, or None."""
    folder = settings.weights_folder()
    if folder is None:
        return None
    bare = name.removeprefix(TIMM)
    return next((place for end in ("safetensors", "pth") if (place := folder / f"{bare}.{end}").is_file()), None)


def torch_cache() -> Path:
    """Returns torch's cache folder, by its own rules: $TORCH_HOME, else $XDG_CACHE_HOME/torch, else ~/.cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("TORCH_HOME") or f"{cache}/torch"
    return Path(home).expanduser() / "hub" / "checkpoints"


def hub_cache() -> Path:
    """Returns huggingface_hub's cache folder, by its rules: $HF_HUB_CACHE, else $HF_HOME/hub, else ~/.cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{cache}/huggingface"
    return Path(os.environ.get("HF_HUB_CACHE") or f"{home}/hub").expanduser()


def _in_hub_cache(repository: str) -> Path | None:
    snapshots = hub_cache() / f"models--{repository.replace('/', '--')}" / "snapshots"
    files = (file for name in ("model.safetensors", "pytorch_model.bin") for file in snapshots.glob(f"*/{name}"))
    return next((file for file in sorted(files) if file.is_file()), None)
