"""Which settings an experiment may vary, the values worth trying, and how values are read and written."""

from typing import Any

from curate.training.networks import architectures
from curate.training.settings.choices import BALANCES, MIXES, OPTIMIZERS, RESIZES
from curate.training.settings.config import TrainConfig
from curate.ui.rendering import run_text

# Values worth trying; the form takes others as well where these are numbers.
USUAL: dict[str, list[Any]] = {
    "share": [0.05, 0.1, 0.2, 0.4, 0.7, 1.0],
    "size_px": [32, 64, 96, 128, 160, 192, 224, 288, 384],
    "architecture": [row.name for row in architectures.ARCHITECTURES],
    "epochs": [1, 2, 3, 4, 6, 8, 12, 16, 24],
    "frozen_epochs": [0, 1, 2, 3],
    "learning_rate": [3e-4, 1e-3, 2e-3, 5e-3, 1e-2],
    "batch_size": [16, 32, 64, 128, 256],
    "augment": ["none", "light", "standard"],
    "resize": list(RESIZES),
    "optimizer": list(OPTIMIZERS),
    "mix": list(MIXES),
    "balance": list(BALANCES),
    "weight_decay": [0.0, 0.01, 0.05, 0.1],
    "label_smoothing": [0.0, 0.05, 0.1, 0.2],
    "folds": [3, 5, 10],
    "seed": [1, 2, 3, 4, 5],
}
_OF_QUICK_LOOK = ("size_px", "architecture", "resize")


def may_vary(config: TrainConfig) -> list[str]:
    """The settings that an experiment over this config can vary: those that have an effect."""
    if config.method == "quick_look":
        return list(_OF_QUICK_LOOK)
    without = {"folds"} | (set() if config.pretrained else {"frozen_epochs"})
    without |= {"epochs"} if config.schedule == "sgdr" else set()
    return [name for name in USUAL if name not in without]


def is_number(setting: str) -> bool:
    """Whether its values are numbers, so that they have an axis and others than the usual can be typed."""
    return not isinstance(USUAL[setting][0], str)


def options(setting: str, chosen: list[Any]) -> list[Any]:
    """The usual values and those chosen, numbers ascending."""
    found = list(dict.fromkeys([*USUAL[setting], *chosen]))
    return sorted(found) if is_number(setting) else found


def in_words(setting: str, value: Any) -> str:
    """A value as the form and the table write it."""
    return value if isinstance(value, str) else run_text.value_in_words(setting, value)


def read_typed(setting: str, value: Any) -> Any:
    """The value that was typed; None when it is no number. A share may be typed in per cent.

    >>> read_typed("size_px", "100 px"), read_typed("share", "30 %"), read_typed("epochs", "many")
    (100, 0.3, None)
    """
    if not isinstance(value, str) or not is_number(setting):
        return value
    text = value.lower().removesuffix("px").strip()
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        return None
    if setting == "share" and ("%" in text or number > 1):
        number = round(number / 100, 4)
    return int(number) if isinstance(USUAL[setting][0], int) else number


def questions(config: TrainConfig) -> dict[str, dict[str, list[Any]]]:
    """Whole experiments for questions that people have: {question: grid}."""
    asked: dict[str, dict[str, list[Any]]] = {}
    if config.method != "quick_look":
        asked["How few pictures are enough?"] = {"share": [0.1, 0.2, 0.4, 0.7, 1.0]}
    asked["Does size matter?"] = {"size_px": _sizes(config)}
    ready = [row.name for row in architectures.ARCHITECTURES if architectures.weights_at_hand(row.name)]
    if config.pretrained and len(ready) > 1:
        asked["Which network?"] = {"architecture": ready[:6]}
    if config.method != "quick_look" and config.schedule != "sgdr":
        asked["Do more epochs help?"] = {"epochs": [1, 2, 4, 8]}
    return asked


def _sizes(config: TrainConfig) -> list[int]:
    """Half, three quarters, the present side, and half as much again: multiples of 8."""
    smallest = 16 if config.architecture == architectures.PIXELS else architectures.find(config.architecture).min_px
    sizes = {8 * round(config.size_px * part / 8) for part in (0.5, 0.75, 1, 1.5)}
    return sorted(size for size in sizes if smallest <= size <= 1024)
