"""The settings of fastai's `aug_transforms` that a config means. No torch here: the form shows them as code, too."""

from typing import Any

from curate.training.settings.config import TrainConfig

MIN_SCALE = 0.35  # of the picture's area in a random crop: what fastai's own courses take
_LIGHT = {"do_flip": False, "max_rotate": 8.0, "max_zoom": 1.1, "max_lighting": 0.1, "max_warp": 0.0}
_USUAL = {
    "do_flip": True, "flip_vert": False, "max_rotate": 10.0, "min_zoom": 1.0, "max_zoom": 1.1, "max_lighting": 0.2,
    "max_warp": 0.2, "p_affine": 0.75, "p_lighting": 0.75,
}  # fmt: skip


def arguments(config: TrainConfig) -> dict[str, Any] | None:
    """What `aug_transforms` is called with, fastai's own defaults left out; None = it is not called.

    Random erasing is a transform of its own, `RandomErasing(p=random_erasing)`, of augment "custom" only.
    """
    if config.augment == "none":
        return None
    if config.augment == "light":
        return dict(_LIGHT)
    if config.augment == "standard":
        return {}
    chosen = {name: config.flip if name == "do_flip" else getattr(config, name) for name in _USUAL}
    return {name: value for name, value in chosen.items() if value != _USUAL[name]}


def erasing(config: TrainConfig) -> float:
    """The chance that a piece of a training picture is erased."""
    return config.random_erasing if config.augment == "custom" else 0.0
