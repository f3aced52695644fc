"""A run's settings and pace, in words. Settings are read as they were stored, so old runs need no translation."""

from typing import Any

from curate.catalog.runs import RunRow
from curate.evaluation import per_cent
from curate.training.settings.config import TrainConfig
from curate.ui.rendering import formatting

_NAMES = {
    "method": "Method",
    "architecture": "Architecture",
    "pretrained": "Pretrained",
    "size_px": "Image size",
    "start_px": "Size at the beginning",
    "resize": "Resize",
    "share": "Share of the pictures",
    "schedule": "Schedule",
    "epochs": "Epochs",
    "frozen_epochs": "Frozen epochs",
    "n_cycles": "Cycles",
    "cycle_length": "First cycle's length",
    "cycle_mult": "Cycle multiplier",
    "snapshot_ensemble": "Snapshot ensemble",
    "patience": "Stops early after",
    "keep_best": "Keeps the best epoch",
    "batch_size": "Batch size",
    "augment": "Augmentation",
    "optimizer": "Optimiser",
    "learning_rate": "Learning rate",
    "lr_low": "Rate of the first layers",
    "frozen_groups": "Frozen layer groups",
    "weight_decay": "Weight decay",
    "label_smoothing": "Label smoothing",
    "mix": "Mixing pictures",
    "mix_alpha": "Mixing alpha",
    "balance": "Uneven labels",
    "tta": "Test-time augmentation",
    "tta_n": "Augmented copies",
    "folds": "Folds",
    "thorough": "Thorough",
    "seed": "Seed",
    "precision": "Precision",
}
_CUSTOM = (
    "flip", "flip_vert", "max_rotate", "min_zoom", "max_zoom", "max_lighting", "max_warp", "p_affine", "p_lighting",
    "random_erasing",
)  # fmt: skip
_CYCLES = ("n_cycles", "cycle_length", "cycle_mult", "snapshot_ensemble")
_QUICK = ("method", "architecture", "size_px", "resize", "thorough")
_USUAL = TrainConfig().to_json()
_NONE = {
    "learning_rate": "found automatically",
    "lr_low": "fastai's own",
    "weight_decay": "fastai's own",
    "start_px": "the full size",
}


def settings(config: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, value) of every setting that had an effect, in the order of the training form. Plain text."""
    used = {name: value for name, value in config.items() if _matters(name, config)}
    known = [name for name in _NAMES if name in used]
    others = sorted(name for name in used if name not in _NAMES)
    return [(setting_name(name), value_in_words(name, used[name])) for name in [*known, *others]]


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(name, before, after) of the settings that are not the same.

    One that a run did not have yet counts as today's default: that is how it was trained. A dash: it had no effect.
    """
    usual = {name: value for name, value in _USUAL.items() if name in before or name in after}
    old, new = dict(settings(usual | before)), dict(settings(usual | after))
    names = dict.fromkeys([*old, *new])
    return [(name, old.get(name, "–"), new.get(name, "–")) for name in names if old.get(name) != new.get(name)]


def in_short(run: RunRow) -> str:
    """What and how a run learnt, in a line: "squeezenet1_1, pretrained · 224 px · 1 + 2 epochs · CPU · 2 min 10 s"."""
    parts = [config_in_short(run.config)]
    parts += [str(run.device)] if run.device else []
    parts += [formatting.duration(run.seconds)] if run.seconds else []
    return " · ".join(parts) + (" · stopped early" if run.stopped_early else "")


def config_in_short(config: dict[str, Any]) -> str:
    """What and how, in a line: "squeezenet1_1, pretrained · 224 px · 1 frozen + 2 epochs". Plain text."""
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
    """A setting as the screen calls it."""
    return _NAMES.get(name) or name.replace("_", " ").capitalize()


def value_in_words(name: str, value: Any) -> str:
    """A setting's value as the screen writes it. Plain text."""
    if value is None:
        return _NONE.get(name, "–")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in ("size_px", "start_px"):
        return f"{value} px"
    if name == "share":
        return per_cent(value)
    if name == "patience":
        return formatting.counted(value, "epoch") + " without progress" if value else "never"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _epochs(config: dict[str, Any]) -> str:
    frozen = config.get("frozen_epochs") if config.get("pretrained") else 0
    n = config["epochs"]
    if config.get("schedule") == "sgdr":
        n = sum(config["cycle_length"] * config["cycle_mult"] ** i for i in range(config["n_cycles"]))
    return f"{frozen} frozen + {n} epochs" if frozen else formatting.counted(n, "epoch")


def _matters(name: str, config: dict[str, Any]) -> bool:
    """Whether a setting has an effect beside the others: what is off is not worth a line."""
    if config.get("method") == "quick_look":
        return name in _QUICK
    if name in _CUSTOM:
        return config.get("augment") == "custom"
    needs = {"tta_n": config.get("tta"), "mix_alpha": config.get("mix", "none") != "none"}
    needs |= dict.fromkeys(("folds", "thorough"), False)
    needs |= dict.fromkeys(_CYCLES, config.get("schedule") == "sgdr")
    needs |= {"epochs": config.get("schedule") != "sgdr", "frozen_epochs": config.get("pretrained", True)}
    needs |= dict.fromkeys(("lr_low", "frozen_groups"), config.get("pretrained", True))
    return bool(needs.get(name, True))
