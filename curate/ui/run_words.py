"""A run's settings and pace, in words. Settings are read as they were stored, so old runs need no translation."""

from typing import Any

from curate.catalog.runs import RunRow
from curate.ui import words

_NAMES = {
    "architecture": "Architecture",
    "pretrained": "Pretrained",
    "size_px": "Image size",
    "resize": "Resize",
    "augment": "Augmentation",
    "epochs": "Epochs",
    "frozen_epochs": "Frozen epochs",
    "batch_size": "Batch size",
    "learning_rate": "Learning rate",
    "seed": "Seed",
    "precision": "Precision",
}


def settings(config: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, value) of every setting, in the order of the training form. Plain text, not Markdown."""
    known = [name for name in _NAMES if name in config]
    others = sorted(name for name in config if name not in _NAMES)
    return [(_name(name), _value(name, config[name])) for name in [*known, *others]]


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(name, before, after) of the settings that are not the same; one that a run did not have yet is a dash."""
    old, new = dict(settings(before)), dict(settings(after))
    names = dict.fromkeys([*old, *new])
    return [(name, old.get(name, "–"), new.get(name, "–")) for name in names if old.get(name) != new.get(name)]


def in_short(run: RunRow) -> str:
    """What and how a run learnt, in a line: "squeezenet1_1, pretrained · 224 px · 1 + 2 epochs · CPU · 2 min 10 s"."""
    config = run.config
    parts = [f"{config.get('architecture', 'model')}{', pretrained' if config.get('pretrained') else ''}"]
    if "size_px" in config:
        parts.append(f"{config['size_px']} px")
    if "epochs" in config:
        parts.append(_epochs(config))
    parts += [str(run.device)] if run.device else []
    parts += [words.duration(run.seconds)] if run.seconds else []
    return " · ".join(parts) + (" · stopped early" if run.stopped_early else "")


def _epochs(config: dict[str, Any]) -> str:
    frozen = config.get("frozen_epochs") if config.get("pretrained") else 0
    return f"{frozen} frozen + {config['epochs']} epochs" if frozen else words.counted(config["epochs"], "epoch")


def _name(name: str) -> str:
    return _NAMES.get(name) or name.replace("_", " ").capitalize()


def _value(name: str, value: Any) -> str:
    if value is None:
        return "found automatically" if name == "learning_rate" else "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value} px" if name == "size_px" else str(value)
