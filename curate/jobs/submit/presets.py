"""The presets adapted to a project: to its kind of pictures, and to the weights on this machine."""

from dataclasses import replace
from typing import Any

from curate.catalog.projects import ProjectSummary
from curate.jobs.submit import quick_look
from curate.training.networks import architectures
from curate.training.settings import presets
from curate.training.settings.config import SAMPLE, TrainConfig
from curate.training.settings.presets import Preset

# Where the preset's own network has no weights here: better than squeezenet on photos.
_PREFERRED = ("tf_efficientnet_lite0", "mobilenet_v2")
_OF_PHOTOS = ("augment", "size_px", "resize", "frozen_epochs")  # what the sample has settings of its own for


def of_project(project: ProjectSummary) -> list[Preset]:
    """Returns the presets quick look, standard, thorough, in that order."""
    return [replace(preset, config=_suited(project, preset.config)) for preset in presets.PRESETS]


def find(project: ProjectSummary, name: str) -> Preset | None:
    """Returns the project's preset of that name, or None."""
    return next((preset for preset in of_project(project) if preset.name == name), None)


def _suited(project: ProjectSummary, config: TrainConfig) -> TrainConfig:
    if config.method == "quick_look":
        return quick_look.default(project.id)
    if project.is_sample:  # tiny digits, which must not be mirrored
        return replace(SAMPLE, **_changes(config))
    config = presets.for_pictures(config, project.n_train)
    if architectures.find_weights(config.architecture):
        return config
    names = [*_PREFERRED, *(row.name for row in architectures.ARCHITECTURES)]
    ready = [name for name in names if architectures.find_weights(name)]
    return replace(config, architecture=ready[0]) if ready else config


def _changes(config: TrainConfig) -> dict[str, Any]:
    """Returns a preset's differences from the standard one that suit digits."""
    usual = presets.STANDARD.to_json()
    return {name: value for name, value in config.to_json().items() if value != usual[name] and name not in _OF_PHOTOS}
