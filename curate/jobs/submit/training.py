"""Submitting trainings: one run, or the many of an experiment. Nothing here runs one."""

import itertools
from dataclasses import replace
from typing import Any

from curate.catalog import experiments
from curate.catalog.experiments import PlannedJob
from curate.errors import BadInput
from curate.jobs import client, wake_up
from curate.training.settings.config import TrainConfig
from curate.training.settings.table import SETTINGS

MOST_RUNS = 60
MOST_SETTINGS = 2  # a plot has an axis and colours


def submit(project_id: int, config: TrainConfig, by: str) -> int:
    """Id of the job that makes a run with these settings: a quick look or a training. Raises BadInput."""
    return client.enqueue(kind_of(config), project_id, {"config": config.validated().to_json()}, title_of(config), by)


def submit_experiment(project_id: int, config: TrainConfig, grid: dict[str, list[Any]], name: str, by: str) -> int:
    """Id of a new experiment with a job queued for every combination. Raises BadInput, and then nothing is queued."""
    planned = [
        PlannedJob(
            kind_of(one),
            f"{name}: {', '.join(SETTINGS[name].text(getattr(one, name)) for name in grid)}",
            one.to_json(),
        )
        for one in combinations(config, grid)
    ]
    experiment_id = experiments.add_experiment(project_id, name, config.to_json(), grid, planned, by)
    wake_up.ring()
    return experiment_id


def combinations(config: TrainConfig, grid: dict[str, list[Any]]) -> list[TrainConfig]:
    """The settings of every run of an experiment, the last setting in `grid` changing fastest.

    Raises BadInput for more than two settings or 60 runs, for fewer than two runs, and for a combination that cannot
    be trained, which it names.
    """
    if not 1 <= len(grid) <= MOST_SETTINGS:
        raise BadInput("An experiment varies one or two settings.")
    values = [list(dict.fromkeys(chosen)) for chosen in grid.values()]
    configs = [replace(config, **dict(zip(grid, chosen, strict=True))) for chosen in itertools.product(*values)]
    if len(configs) < 2:
        raise BadInput("An experiment needs at least two values to compare.")
    if len(configs) > MOST_RUNS:
        raise BadInput(f"These are {len(configs):,} runs; an experiment can have {MOST_RUNS}.", "Take fewer values.")
    return [_checked(one, grid) for one in configs]


def kind_of(config: TrainConfig) -> str:
    """The kind of job that trains with these settings."""
    return "quick" if config.method == "quick_look" else "train"


def title_of(config: TrainConfig) -> str:
    """What the job is called on the screen."""
    if config.method == "quick_look":
        return "Thorough look" if config.thorough else "Quick look"
    return f"Train {config.architecture}"


def _checked(config: TrainConfig, grid: dict[str, list[Any]]) -> TrainConfig:
    try:
        return config.validated()
    except BadInput as error:
        which = ", ".join(
            f"{SETTINGS[name].label.lower()} {SETTINGS[name].text(getattr(config, name))}" for name in grid
        )
        raise BadInput(f"With {which}: {error}", error.hint) from error
