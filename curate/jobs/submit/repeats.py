"""Submits repeats of two runs with other seeds, from which Compare measures training noise."""

from dataclasses import replace

from curate.catalog import experiments
from curate.catalog import jobs as rows
from curate.catalog.experiments import PlannedJob
from curate.catalog.runs import RunRow
from curate.errors import Conflict
from curate.jobs import client, wake_up
from curate.jobs.submit import training
from curate.review.worth import repeats
from curate.training.settings.config import TrainConfig

KIND = "repeats"


def submit(before: RunRow, after: RunRow, by: str) -> list[int]:
    """Queue three repeats of each run, of a quick look as one job; returns the jobs' ids.

    Raises BadInput for predictions from elsewhere, and Conflict while earlier repeats of these two wait or run.
    """
    repeats.can_repeat(before, after)
    if is_open(before, after):
        raise Conflict("Repeats of these two runs wait or run already.")
    seeds = repeats.new_seeds(before, after)
    return [job_id for run, own in zip((before, after), seeds, strict=True) for job_id in _submit(run, own, by)]


def is_open(before: RunRow, after: RunRow) -> bool:
    """Whether repeats of one of the two wait or run."""
    return bool(open_jobs(before, after))


def open_jobs(before: RunRow, after: RunRow) -> list[rows.JobRow]:
    """Returns the jobs that repeat one of the two and have not ended."""
    open_rows = rows.list_jobs(before.project_id, rows.OPEN)
    return [row for row in open_rows if row.args.get("as_run") in (before.id, after.id)]


def _submit(run: RunRow, seeds: list[int], by: str) -> list[int]:
    if repeats.is_quick(run):
        args = {"as_run": run.id, "seeds": seeds}
        return [client.enqueue(KIND, run.project_id, args, f"{run.name} with other seeds", by)]
    config = TrainConfig.from_json(run.config)
    planned = [
        PlannedJob(
            training.kind_of(config),
            f"{run.name} with seed {seed}",
            replace(config, seed=seed).to_json(),
            {"as_run": run.id},
        )
        for seed in seeds
    ]
    experiment_id = experiments.add_experiment(
        run.project_id, f"{run.name} with other seeds", run.config, {"seed": seeds}, planned, by
    )
    wake_up.ring()
    return [trial.job.id for trial in experiments.trials(experiments.find_experiment(experiment_id))]
