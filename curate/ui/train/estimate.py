"""Estimates the time of a training from an earlier run of the same network in the project."""

import math
from dataclasses import dataclass

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.training.settings.config import TrainConfig
from curate.ui.rendering import formatting
from curate.ui.train import settings_state

_FROZEN_COST = 0.4  # of an unfrozen epoch: the body only runs forwards, as in scoring


@dataclass(frozen=True)
class Estimate:
    """Seconds of the whole training, and the name of the run behind the estimate."""

    seconds: float
    run_name: str

    @property
    def label(self) -> str:
        """Plain text for the page."""
        return f"about {formatting.duration(self.seconds)}, going by {self.run_name}"


def estimate(project: ProjectSummary, config: TrainConfig) -> Estimate | None:
    """Returns the estimate from the run with the nearest amount of work; None without a similar finished run."""
    wanted = work(config, project.n_train, project.n_valid)
    candidates = []
    for run in runs.list_runs(project.id, only_done=True, with_model=True):
        then = settings_state.config_of(run)
        done = work(then, run.n_train, run.n_valid)
        if run.seconds and done and wanted and not run.stopped_early and _is_alike(then, config):
            expected = Estimate(run.seconds * wanted / done, run.name)
            candidates.append((abs(math.log(wanted / done)), -run.number, expected))
    return min(candidates, key=lambda one: one[:2])[2] if candidates else None


def work(config: TrainConfig, n_train: int, n_valid: int) -> float:
    """Returns the cost of a training in pixels: its epochs, validation after each, and one scoring of all pictures."""
    n_all = n_train + n_valid
    scored = n_all * _FROZEN_COST * (config.tta_n if config.tta else 1)
    if config.method == "quick_look":
        return scored * config.size_px**2
    learnt = n_train * config.share * (_FROZEN_COST * config.n_frozen + sum(config.cycles))
    return (learnt + n_valid * _FROZEN_COST * config.n_epochs + scored) * config.size_px**2


def _is_alike(then: TrainConfig, now: TrainConfig) -> bool:
    names = ("method", "architecture", "precision", "thorough")
    return all(getattr(then, name) == getattr(now, name) for name in names)
