"""The timeline of a project, newest first: versions, runs, and bursts of decisions.

A page costs the same at any length of history, except that all versions and runs, which are few, are read.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from curate.catalog import experiments, runs, versions
from curate.catalog.database import reading
from curate.catalog.experiments import ExperimentRow
from curate.catalog.runs import RunRow
from curate.catalog.tables.core import Decision, Image
from curate.catalog.versions import VersionRow
from curate.errors import BadInput

KINDS = ("versions", "runs", "decisions")
PAGE = 30  # events
MOST_PER_PAGE = 600  # decisions in the bursts of one page
PAUSE = timedelta(minutes=30)  # a longer break begins a new burst


@dataclass(frozen=True)
class DecisionRow:
    """One decision with its picture; label_id: the new label of a relabel."""

    id: int
    at: datetime
    reviewer: str
    action: str
    label_id: int | None
    run_id: int | None
    image_id: int
    sha: str
    file_name: str
    state: str

    @property
    def is_erased(self) -> bool:
        """Whether the picture is gone for good."""
        return self.state == "erased"


@dataclass(frozen=True)
class Burst:
    """Consecutive decisions of one reviewer without a long pause or a new version between them; newest first."""

    decisions: list[DecisionRow]

    @property
    def at(self) -> datetime:
        """Time of the last decision."""
        return self.decisions[0].at

    @property
    def reviewer(self) -> str:
        """The reviewer."""
        return self.decisions[0].reviewer

    @property
    def n(self) -> Counter[str]:
        """{action: decisions}."""
        return Counter(decision.action for decision in self.decisions)


Event = VersionRow | RunRow | ExperimentRow | Burst


@dataclass(frozen=True)
class Timeline:
    """A page of events, newest first.  older: the place of the next page, None on the last.

    images_before: {version number: active images of the version before it}, for all versions.  last_applied_at:
    later decisions wait to be applied; None = nothing was applied yet.
    """

    events: list[Event]
    older: str | None
    images_before: dict[int, int]
    last_applied_at: datetime | None


def find_events(project_id: int, kinds: tuple[str, ...] = KINDS, before: str | None = None) -> Timeline:
    """Returns the page of events of these kinds before a place. Raises BadInput for an invalid place."""
    at, decision_id = _read_place(before)
    all_versions = versions.list_versions(project_id)
    events: list[Event] = list(all_versions) if "versions" in kinds else []
    if "runs" in kinds:  # an experiment is one event, however many runs it has
        events += [run for run in runs.list_runs(project_id) if run.experiment_id is None]
        events += experiments.list_experiments(project_id)
    if at:
        events = [event for event in events if event_at(event) < at]
    bursts, is_more = _bursts(project_id, decision_id, all_versions) if "decisions" in kinds else ([], False)
    if is_more:  # older events than the last whole burst belong to a later page
        bursts = bursts[:-1] or bursts
        events = [event for event in events if event_at(event) > bursts[-1].decisions[-1].at]
    events = sorted([*events, *bursts], key=event_at, reverse=True)
    shown = events[:PAGE]
    older = _place(shown, decision_id) if is_more or len(events) > PAGE else None
    applied = next((version.created_at for version in all_versions if version.kind == "apply"), None)
    return Timeline(shown, older, _images_before(all_versions), applied)


def find_decisions(project_id: int, before_id: int | None = None, limit: int = PAGE) -> list[DecisionRow]:
    """Returns at most `limit` decisions with an id below `before_id`, newest first."""
    query = _decisions(project_id).limit(limit)
    with reading() as session:
        rows = session.execute(query if before_id is None else query.where(Decision.id < before_id)).all()
    return [DecisionRow(*row) for row in rows]


def event_at(event: Event) -> datetime:
    """Returns the time of an event; of a burst, of its last decision."""
    return event.at if isinstance(event, Burst) else event.created_at


def n_images(version: VersionRow) -> int:
    """Returns the active images of a version."""
    return sum(sum(of_label.values()) for of_label in version.counts.values())


def _images_before(newest_first: list[VersionRow]) -> dict[int, int]:
    before = {version.number: n_images(earlier) for version, earlier in pairwise(newest_first)}
    return before | ({newest_first[-1].number: 0} if newest_first else {})


def _decisions(project_id: int) -> Any:
    return (
        select(
            Decision.id, Decision.created_at, Decision.reviewer, Decision.action, Decision.label_id, Decision.run_id,
            Image.id, Image.blob_sha, Image.file_name, Image.state,
        )
        .join(Image, Image.id == Decision.image_id)
        .where(Decision.project_id == project_id)
        .order_by(Decision.id.desc())
    )  # fmt: skip


def _bursts(project_id: int, before_id: int | None, all_versions: list[VersionRow]) -> tuple[list[Burst], bool]:
    """Returns (bursts, newest first; whether older decisions exist than those read)."""
    rows = find_decisions(project_id, before_id, MOST_PER_PAGE + 1)
    ends = _version_ends(all_versions)
    bursts: list[Burst] = []
    for row in rows[:MOST_PER_PAGE]:
        if bursts and _belongs(row, bursts[-1].decisions[-1], ends):
            bursts[-1].decisions.append(row)
        else:
            bursts.append(Burst([row]))
    return bursts, len(rows) > MOST_PER_PAGE


def _belongs(row: DecisionRow, later: DecisionRow, ends: Callable[[datetime, datetime], bool]) -> bool:
    return row.reviewer == later.reviewer and later.at - row.at < PAUSE and not ends(row.at, later.at)


def _version_ends(all_versions: list[VersionRow]) -> Callable[[datetime, datetime], bool]:
    moments = [version.created_at for version in all_versions]
    return lambda earlier, later: any(earlier < moment <= later for moment in moments)


def _place(shown: list[Event], before_id: int | None) -> str:
    """Returns the place of the next page: the time of the last event and the oldest decision shown."""
    bursts = [event for event in shown if isinstance(event, Burst)]
    oldest = bursts[-1].decisions[-1].id if bursts else before_id
    return f"{event_at(shown[-1]).isoformat()}~{oldest or ''}"


def _read_place(before: str | None) -> tuple[datetime | None, int | None]:
    if before is None:
        return None, None
    at, _, decision_id = before.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("no zone")
        return moment, int(decision_id) if decision_id else None
    except ValueError as error:
        raise BadInput(f"{before!r:.50} is no place in a history.", "Start from its newest page.") from error
