"""The settings that an experiment may vary, and their values: offered, parsed and formatted."""

from typing import Any

from curate.training.networks import architectures
from curate.training.settings.config import TrainConfig
from curate.training.settings.table import SETTINGS, smallest_px


def may_vary(config: TrainConfig) -> list[str]:
    """Returns the settings that an experiment over this config can vary: those that have an effect."""
    return [name for name, setting in SETTINGS.items() if setting.worth_trying and setting.has_effect(config)]


def is_number(name: str) -> bool:
    """Whether a setting's values are numbers, so that they have an axis and others than the offered can be typed."""
    return SETTINGS[name].is_number


def options(name: str, chosen: list[Any]) -> list[Any]:
    """Returns the values worth trying and those chosen, numbers ascending."""
    values = list(dict.fromkeys([*SETTINGS[name].worth_trying, *chosen]))
    return sorted(values) if is_number(name) else values


def value_text(name: str, value: Any) -> str:
    """Returns a value as the form and the table write it."""
    return SETTINGS[name].text(value)


def read_typed(name: str, value: Any) -> Any:
    """Returns the value that was typed; None when it is no number. A share may be typed in per cent.

    >>> read_typed("size_px", "100 px"), read_typed("share", "30 %"), read_typed("epochs", "many")
    (100, 0.3, None)
    """
    setting = SETTINGS[name]
    if not isinstance(value, str) or not setting.is_number:
        return value
    text = value.lower().removesuffix("px").strip()
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        return None
    if setting.is_share and ("%" in text or number > 1):
        number = round(number / 100, 4)
    return int(number) if setting.kind is int else number


def questions(config: TrainConfig) -> dict[str, dict[str, list[Any]]]:
    """Returns whole experiments for questions that people have: {question: grid}."""
    grids: dict[str, dict[str, list[Any]]] = {}
    if config.method != "quick_look":
        grids["How few pictures are enough?"] = {"share": [0.1, 0.2, 0.4, 0.7, 1.0]}
    grids["Does size matter?"] = {"size_px": _sizes(config)}
    ready = [row.name for row in architectures.ARCHITECTURES if architectures.find_weights(row.name)]
    if config.pretrained and len(ready) > 1:
        grids["Which network?"] = {"architecture": ready[:6]}
    if config.method != "quick_look" and config.schedule != "sgdr":
        grids["Do more epochs help?"] = {"epochs": [1, 2, 4, 8]}
    return grids


def _sizes(config: TrainConfig) -> list[int]:
    """Returns half, three quarters, once and one and a half times the present side, in multiples of 8."""
    sizes = {8 * round(config.size_px * part / 8) for part in (0.5, 0.75, 1, 1.5)}
    return sorted(size for size in sizes if smallest_px(config) <= size <= 1024)
