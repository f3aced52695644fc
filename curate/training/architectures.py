"""The networks that can be trained: their size, a plain word on each, and where their weights lie. No torch here."""

import os
from dataclasses import dataclass
from pathlib import Path

from curate import settings
from curate.errors import BadInput

PIXELS = "pixels"  # a quick look without any network: the colours of the shrunken picture


@dataclass(frozen=True)
class Architecture:
    """One network that fastai's `vision_learner` can cut and retrain.

    parameters_m: millions of numbers it learns, with the head that fastai puts on it for ten labels.
    download_mb: size of torchvision's pretrained weights, 0 where there are none.
    min_px: smallest side of a picture it can take.
    checkpoint: torchvision's file name for those weights, as it stands in the torch cache; None where there are none.
    """

    name: str
    parameters_m: float
    min_px: int
    download_mb: float
    checkpoint: str | None
    words: str

    @property
    def n_groups(self) -> int:
        """Layer groups with a learning rate each: early layers, late layers, head; small_cnn has body and head."""
        return 2 if self.name == "small_cnn" else 3

    @property
    def size_mb(self) -> float:
        """Megabytes of the trained model on disk: four bytes for each parameter."""
        return round(self.parameters_m * 4, 1)


# Parameters and smallest sizes were measured on fastai 2.8.12, download sizes are torchvision 0.29's; a test compares.
_ROWS: tuple[tuple[str, float, int, float, str | None, str], ...] = (
    ("resnet18", 11.7, 16, 44.7, "resnet18-f37072fd.pth", "The usual first choice: quick, forgiving, good."),
    ("resnet34", 21.8, 16, 83.3, "resnet34-b627a593.pth", "A little better than resnet18 and half as fast."),
    ("resnet50", 25.6, 16, 97.8, "resnet50-11ad3fa6.pth", "Clearly better on photos; wants time or a GPU."),
    ("resnet101", 44.6, 16, 170.5, "resnet101-cd907fc2.pth", "Deeper still; for large projects on a GPU."),
    ("resnet152", 60.3, 16, 230.5, "resnet152-f82ba261.pth", "The deepest resnet, for the last per cent; slow."),
    ("squeezenet1_1", 1.3, 20, 4.7, "squeezenet1_1-b8a52dc0.pth", "Very small and fast: a good start without a GPU."),
    ("squeezenet1_0", 1.3, 24, 4.8, "squeezenet1_0-b66bff10.pth", "As small as squeezenet1_1, but twice as slow."),
    ("densenet121", 8.0, 32, 30.8, "densenet121-a639ec97.pth", "Few parameters, much memory; good on few pictures."),
    ("densenet169", 14.2, 32, 54.7, "densenet169-b2777c0a.pth", "Deeper than densenet121, slower, slightly better."),
    ("densenet201", 20.1, 32, 77.4, "densenet201-c1103571.pth", "The deepest densenet; wants a GPU."),
    ("densenet161", 28.7, 32, 110.4, "densenet161-8d451a50.pth", "The widest densenet; wants a GPU and much memory."),
    ("vgg11_bn", 9.8, 32, 506.9, "vgg11_bn-6002323d.pth", "An older, plain design; its download is large."),
    ("vgg13_bn", 9.9, 32, 507.6, "vgg13_bn-abd245e5.pth", "Slightly deeper than vgg11_bn; slow."),
    ("vgg16_bn", 15.3, 32, 527.9, "vgg16_bn-6c64b313.pth", "The classic of 2014; slow, its download is large."),
    ("vgg19_bn", 20.6, 32, 548.1, "vgg19_bn-c79401a0.pth", "The deepest vgg; very slow without a GPU."),
    ("alexnet", 2.7, 64, 233.1, "alexnet-owt-7be5be79.pth", "Where it began in 2012; fast, weaker than resnet18."),
    ("xresnet18", 11.7, 16, 0.0, None, "A resnet18 with fastai's improvements; from scratch only."),
    ("xresnet34", 21.8, 16, 0.0, None, "A resnet34 with fastai's improvements; from scratch only."),
    ("xresnet50", 25.6, 16, 0.0, None, "A resnet50 with fastai's improvements; from scratch only, wants a GPU."),
    ("small_cnn", 0.4, 16, 0.0, None, "Five small layers for tiny pictures such as digits; from scratch in seconds."),
)

ARCHITECTURES = [Architecture(*row) for row in _ROWS]

_BY_NAME = {architecture.name: architecture for architecture in ARCHITECTURES}


def find(name: str) -> Architecture:
    """The architecture of this name; raises BadInput when there is none."""
    if name not in _BY_NAME:
        raise BadInput(f"There is no architecture `{name}`.", f"There are: {', '.join(_BY_NAME)}.")
    return _BY_NAME[name]


def may_be_pretrained(architecture: Architecture) -> bool:
    """Whether pretrained weights exist: published by torchvision, or a file of one's own in CURATE_WEIGHTS."""
    return architecture.checkpoint is not None or weights_at_hand(architecture.name) is not None


def weights_at_hand(name: str) -> Path | None:
    """The file with pretrained weights on this machine; None means that training would have to download them.

    Looked for in CURATE_WEIGHTS as <name>.safetensors or <name>.pth, then in the torch cache under torchvision's name.
    """
    places = []
    own = settings.weights_folder()
    if own is not None:
        places += [own / f"{name}.safetensors", own / f"{name}.pth"]
    checkpoint = find(name).checkpoint
    if checkpoint is not None:
        places.append(torch_cache() / checkpoint)
    return next((place for place in places if place.is_file()), None)


def torch_cache() -> Path:
    """Where torch keeps what it downloads, by its own rules: $TORCH_HOME, else $XDG_CACHE_HOME/torch, else ~/.cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("TORCH_HOME") or f"{cache}/torch"
    return Path(home).expanduser() / "hub" / "checkpoints"
