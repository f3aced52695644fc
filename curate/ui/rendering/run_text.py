"""A run's settings and pace as text. Settings are read as stored, so old runs need no conversion."""

from typing import Any

from curate.catalog.runs import RunRow
from curate.evaluation import per_cent
from curate.training.settings.config import TrainConfig
from curate.training.settings.table import SETTINGS
from curate.ui.rendering import formatting

_USUAL = TrainConfig().to_json()


def settings(config: dict[str, Any]) -> list[tuple[str, str]]:
    """Returns (name, value) of every setting with an effect, in the order of the training form. Plain text."""
    if config.get("method") == "imported":
        return [("Predictions of", str(config["architecture"]))]
    read = _read(config)
    known = [name for name, setting in SETTINGS.items() if name in config and setting.has_effect(read)]
    others = sorted(name for name in config if name not in SETTINGS and read.method != "quick_look")
    return [(setting_name(name), value_text(name, config[name])) for name in [*known, *others]]


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Returns (name, before, after) of the settings that differ.

    A setting that a run did not have counts as today's default, with which it was trained. A dash: it had no effect.
    """
    usual = {name: value for name, value in _USUAL.items() if name in before or name in after}
    old, new = dict(settings(usual | before)), dict(settings(usual | after))
    names = dict.fromkeys([*old, *new])
    return [(name, old.get(name, "–"), new.get(name, "–")) for name in names if old.get(name) != new.get(name)]


def in_short(run: RunRow) -> str:
    """Returns a run's settings in a line: "squeezenet1_1, pretrained · 224 px · 1 + 2 epochs · CPU · 2 min 10 s"."""
    parts = [config_in_short(run.config)]
    parts += [str(run.device)] if run.device else []
    parts += [formatting.duration(run.seconds)] if run.seconds else []
    return " · ".join(parts) + (" · stopped early" if run.stopped_early else "")


def config_in_short(config: dict[str, Any]) -> str:
    """Returns settings in a line: "squeezenet1_1, pretrained · 224 px · 1 frozen + 2 epochs". Plain text."""
    if config.get("method") == "imported":
        return f"predictions of {config['architecture']}"
    is_quick = config.get("method") == "quick_look"
    network = config.get("architecture", "model")
    look = "thorough look" if config.get("thorough") else "quick look"
    parts = [f"{f'{look} with ' if is_quick else ''}{network}"]
    parts[0] += ", pretrained" if config.get("pretrained") and not is_quick else ""
    if "size_px" in config:
        parts.append(f"{config['size_px']} px")
    if "epochs" in config and not is_quick:
        parts.append(_epochs(config))
    if config.get("share", 1) < 1 and not is_quick:
        parts.append(f"{per_cent(config['share'])} of the pictures")
    return " · ".join(parts)


def setting_name(name: str) -> str:
    """Returns a setting as the screen calls it; one that only an older version knew, by its stored name."""
    return SETTINGS[name].label if name in SETTINGS else name.replace("_", " ").capitalize()


def value_text(name: str, value: Any) -> str:
    """Returns a setting's value as the screen writes it. Plain text."""
    return SETTINGS[name].text(value) if name in SETTINGS else str(value)


def _epochs(config: dict[str, Any]) -> str:
    read = _read(config)
    n, n_frozen = sum(read.cycles), read.n_frozen if config.get("pretrained") else 0
    return f"{n_frozen} frozen + {n} epochs" if n_frozen else formatting.counted(n, "epoch")


def _read(config: dict[str, Any]) -> TrainConfig:
    return TrainConfig.from_json({name: value for name, value in config.items() if name in SETTINGS})
