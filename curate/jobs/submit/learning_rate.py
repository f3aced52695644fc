"""What the newest search for a learning rate found: for pages, without torch."""

from dataclasses import dataclass
from datetime import datetime

from curate.catalog import jobs as rows
from curate.jobs import client
from curate.training.settings.config import TrainConfig


@dataclass(frozen=True)
class FinderResult:
    """A finished search: rates tried, rising, the smoothed loss at each, and fastai's suggestions by their names
    ("valley", "steep", "minimum", "slide"; some may be missing); config is what was searched with.
    """

    job_id: int
    config: TrainConfig
    rates: list[float]
    losses: list[float]
    suggestions: dict[str, float]
    finished_at: datetime | None


def submit(project_id: int, config: TrainConfig, by: str) -> int:
    """Id of the job that searches a learning rate for these settings. Raises BadInput."""
    args = {"config": config.validated().to_json()}
    return client.enqueue("find_rate", project_id, args, f"Find a learning rate for {config.architecture}", by)


def newest(project_id: int) -> FinderResult | None:
    """The project's search that was done last; None = there was none."""
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
