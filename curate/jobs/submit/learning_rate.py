"""Submits learning-rate searches, and returns the newest result, without torch."""

from dataclasses import dataclass
from datetime import datetime

from curate.catalog import jobs as rows
from curate.jobs import client
from curate.training.settings.config import TrainConfig


@dataclass(frozen=True)
class FinderResult:
    """A finished search.  rates: tried, ascending.  losses: smoothed, one per rate.  suggestions: fastai's, by name
    ("valley", "steep", "minimum", "slide"; some may be missing).  config: the settings of the search.
    """

    job_id: int
    config: TrainConfig
    rates: list[float]
    losses: list[float]
    suggestions: dict[str, float]
    finished_at: datetime | None


def submit(project_id: int, config: TrainConfig, by: str) -> int:
    """Queue a search for these settings; returns the job's id. Raises BadInput."""
    args = {"config": config.validated().to_json()}
    return client.enqueue("find_rate", project_id, args, f"Find a learning rate for {config.architecture}", by)


def newest(project_id: int) -> FinderResult | None:
    """Returns the project's last finished search, or None."""
    row = rows.newest_result(project_id, "find_rate")
    if row is None or row.result is None:
        return None
    return FinderResult(
        row.id,
        TrainConfig.from_json(row.args["config"]),
        row.result["rates"],
        row.result["losses"],
        row.result["suggestions"],
        row.finished_at,
    )
