"""How long a training will take, judged by an earlier run of the same network in the project; no guess without one."""

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
    """Seconds of the whole training, and the run it was judged by."""

    seconds: float
    run_name: str

    @property
    def words(self) -> str:
        """As the page says it. Plain text."""
        return f"about {formatting.duration(self.seconds)}, going by {self.run_name}"


def estimate(project: ProjectSummary, config: TrainConfig) -> Estimate | None:
    """Judged by the run whose amount of work is nearest; None when no finished run trained this network this way."""
    wanted = work(config, project.n_train, project.n_valid)
    judges = []
    for run in runs.list_runs(project.id, only_done=True):
        then = settings_state.config_of(run)
        done = work(then, run.n_train, run.n_valid)
        if run.seconds and done and wanted and not run.stopped_early and _is_alike(then, config):
            judges.append((abs(math.log(wanted / done)), -run.number, Estimate(run.seconds * wanted / done, run.name)))
    return min(judges, key=lambda judge: judge[:2])[2] if judges else None


def work(config: TrainConfig, n_train: int, n_valid: int) -> float:
    """What a training costs, in pixels learnt from: epochs, validation after each, and one scoring of everything."""
    n_all = n_train + n_valid
    scored = n_all * _FROZEN_COST * (config.tta_n if config.tta else 1)
    if config.method == "quick_look":
        return scored * config.size_px**2
    learnt = n_train * config.share * (_FROZEN_COST * config.n_frozen + sum(config.cycles))
    return (learnt + n_valid * _FROZEN_COST * config.n_epochs + scored) * config.size_px**2


def _is_alike(then: TrainConfig, now: TrainConfig) -> bool:
    names = ("method", "architecture", "precision", "thorough")
    return all(getattr(then, name) == getattr(now, name) for name in names)
