"""Experiments: several runs that differ in one or two settings, queued together."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from curate.catalog import jobs as job_rows
from curate.catalog import runs
from curate.catalog.database import reading, writing
from curate.catalog.jobs import JobRow
from curate.catalog.runs import RunRow
from curate.catalog.tables.core import Experiment, Job
from curate.errors import NotFound


@dataclass(frozen=True)
class ExperimentRow:
    """An experiment as lists show it.  grid: {setting: its values} over the base `config`, one or two settings."""

    id: int
    project_id: int
    name: str
    config: dict[str, Any]
    grid: dict[str, list[Any]]
    author: str
    created_at: datetime

    @property
    def n_runs(self) -> int:
        """The number of planned runs."""
        return math.prod(len(values) for values in self.grid.values())


@dataclass(frozen=True)
class PlannedJob:
    """The job of one of the runs.  more: further arguments of the job."""

    kind: str
    title: str
    config: dict[str, Any]
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """One run of an experiment: its values of the grid's settings, its newest job, and the run once it has started."""

    values: tuple[Any, ...]
    job: JobRow
    run: RunRow | None

    @property
    def status(self) -> str:
        """The status of the job: queued, running, done, failed or cancelled."""
        return self.job.status


def add_experiment(
    project_id: int,
    name: str,
    config: dict[str, Any],
    grid: dict[str, list[Any]],
    planned: list[PlannedJob],
    author: str,
) -> int:
    """Store an experiment and queue its jobs in that order, in one transaction; returns its id."""
    experiment = Experiment(project_id=project_id, name=name, config=config, grid=grid, author=author)
    with writing() as session:
        session.add(experiment)
        session.flush()
        for job in planned:
            args = {"config": job.config, "experiment_id": experiment.id, **job.more}
            session.add(Job(kind=job.kind, title=job.title, project_id=project_id, args=args, submitted_by=author))
            session.flush()  # numbered, and so done, in the order given
    return experiment.id


def list_experiments(project_id: int) -> list[ExperimentRow]:
    """Returns the project's experiments, newest first."""
    query = select(Experiment).where(Experiment.project_id == project_id).order_by(Experiment.id.desc())
    with reading() as session:
        return [_row(experiment) for experiment in session.scalars(query)]


def find_experiment(experiment_id: int) -> ExperimentRow:
    """Returns the experiment with this id. Raises NotFound."""
    with reading() as session:
        experiment = session.get(Experiment, experiment_id)
    if experiment is None:
        raise NotFound(f"There is no experiment {experiment_id}.")
    return _row(experiment)


def trials(experiment: ExperimentRow) -> list[Trial]:
    """Returns every run of the experiment, also planned ones, in the order of the queue.

    A retried run has its newest job.
    """
    newest = {_values(job, experiment): job for job in job_rows.experiment_jobs(experiment.project_id, experiment.id)}
    run_of = {run.job_id: run for run in runs.experiment_runs(experiment.id)}
    return [Trial(values, job, run_of.get(job.id)) for values, job in newest.items()]


def cancel_waiting(experiment: ExperimentRow) -> int:
    """Cancel the experiment's jobs that have not started; returns their number."""
    waiting = [trial.job.id for trial in trials(experiment) if trial.status == "queued"]
    return sum(job_rows.ask_to_cancel(job_id, "discard") for job_id in waiting)


def _values(job: JobRow, experiment: ExperimentRow) -> tuple[Any, ...]:
    config = job.args.get("config", {})
    return tuple(config.get(name) for name in experiment.grid)


def _row(experiment: Experiment) -> ExperimentRow:
    return ExperimentRow(**{name: getattr(experiment, name) for name in ExperimentRow.__dataclass_fields__})
