"""Submits trainings: a single run, or all runs of an experiment."""

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
    """Queue a quick look or a training; returns the job's id. Raises BadInput."""
    return client.enqueue(kind_of(config), project_id, {"config": config.validated().to_json()}, title_of(config), by)


def submit_experiment(project_id: int, config: TrainConfig, grid: dict[str, list[Any]], name: str, by: str) -> int:
    """Queue a job for every combination; returns the id of the experiment. Raises BadInput, and then queues nothing."""
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
    """Returns the settings of every run of an experiment; the last setting in `grid` changes fastest.

    Raises BadInput for more than two settings or 60 runs, fewer than two runs, or an invalid combination.
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
    """Returns the kind of job for these settings."""
    return "quick" if config.method == "quick_look" else "train"


def title_of(config: TrainConfig) -> str:
    """Returns the job's title."""
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
