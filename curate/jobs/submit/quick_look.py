"""Submits quick looks: their usual settings, and the refit after every apply."""

from curate.catalog import jobs as rows
from curate.catalog import picture_sizes, projects, runs
from curate.embeddings import quick_look
from curate.jobs import client
from curate.training.settings.config import TrainConfig

REFIT = "refit"


def default(project_id: int) -> TrainConfig:
    """Returns settings of a quick look for the project's pictures and the weights on this machine."""
    is_sample = projects.find_project(project_id).is_sample
    return quick_look.PIXELS_LOOK if is_sample else quick_look.default(picture_sizes.typical_side_px(project_id))


def usual(project_id: int) -> TrainConfig:
    """Returns the settings of the project's newest finished quick look, whose embeddings exist; else the default."""
    last = _last(project_id)
    return TrainConfig.from_json(last.config) if last else default(project_id)


def refit(project_id: int, by: str) -> int | None:
    """Queue a refit on the applied labels, with the settings of the newest finished quick look.

    Returns the id of its job, or of one that waits already; None when the project has no quick look.
    """
    waiting = next((row for row in rows.list_jobs(project_id, ("queued",)) if row.kind == REFIT), None)
    if waiting:
        return waiting.id
    last = _last(project_id)
    if last is None:
        return None
    return client.enqueue(REFIT, project_id, {"config": last.config}, "Refit the quick look", by)


def _last(project_id: int) -> runs.RunRow | None:
    return next((run for run in runs.list_runs(project_id, only_done=True) if is_quick(run)), None)


def is_refitting(project_id: int) -> bool:
    """Whether a refit waits or runs."""
    return any(row.kind == REFIT for row in rows.list_jobs(project_id, rows.OPEN))


def is_quick(run: runs.RunRow) -> bool:
    """Whether a run is a quick look."""
    return run.config.get("method") == "quick_look"
