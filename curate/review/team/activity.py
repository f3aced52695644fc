"""The log of decisions: each with its author, time, run and reason; how many each person made, and how fast."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session, aliased

from curate.catalog.database import reading, writing
from curate.catalog.tables.core import Decision, Image, Label, Run, VersionChange
from curate.catalog.tables.team import DecisionReason, Opinion, ReviewSession
from curate.errors import BadInput
from curate.spreadsheet import csv_text

PAGE = 50
PACE_SAMPLE = 20_000  # the newest decisions, from which the pace is computed
BREAK = timedelta(minutes=5)  # a longer pause does not count as work
_CHUNK = 2_000  # rows of an export read at a time
MOST_LETTERS = 2_000


@dataclass(frozen=True)
class DecisionFilter:
    """Which decisions to list; None = any. The times include `since` and exclude `until`."""

    reviewer: str | None = None
    action: str | None = None
    run_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class DecisionRow:
    """One decision.  was_turned: undo or redo wrote it.  is_applied: a version contains it."""

    id: int
    at: datetime
    reviewer: str
    action: str
    label: str | None
    filed: str
    run: int | None
    image_id: int
    sha: str
    file_name: str
    reason: str | None
    was_turned: bool
    is_applied: bool


@dataclass(frozen=True)
class Person:
    """What one person decided.  n: {action: decisions}.  per_hour: decisions per hour of work, without pauses of more
    than five minutes; None = too few decisions."""

    reviewer: str
    n: dict[str, int]
    last_at: datetime
    per_hour: float | None

    @property
    def total(self) -> int:
        """All their decisions, also those that were undone."""
        return sum(self.n.values())


def find(project_id: int, chosen: DecisionFilter, before_id: int | None = None, limit: int = PAGE) -> list[DecisionRow]:
    """Returns up to `limit` decisions, newest first; before_id: only those older than that one."""
    query = _rows(project_id, chosen).order_by(Decision.id.desc()).limit(limit)
    with reading() as session:
        rows = session.execute(query if before_id is None else query.where(Decision.id < before_id)).all()
    return [_decision_row(row) for row in rows]


def people(project_id: int, chosen: DecisionFilter) -> list[Person]:
    """Returns everybody who made such decisions, most decisions first."""
    query = (
        select(Decision.reviewer, Decision.action, func.count(), func.max(Decision.created_at))
        .where(*_conditions(project_id, chosen))
        .group_by(Decision.reviewer, Decision.action)
    )
    n: dict[str, dict[str, int]] = defaultdict(dict)
    last: dict[str, datetime] = {}
    with reading() as session:
        for reviewer, action, count, at in session.execute(query):
            n[reviewer][action] = count
            last[reviewer] = max(at, last.get(reviewer, at))
    paces = _paces(project_id, chosen)
    persons = [Person(name, counts, last[name], paces.get(name)) for name, counts in n.items()]
    return sorted(persons, key=lambda person: (-person.total, person.reviewer))


def n_opinions(project_id: int, chosen: DecisionFilter) -> dict[str, int]:
    """Returns {reviewer: opinions} of sessions that need several opinions a picture; together they become one decision.

    Only `since` of the filter counts.
    """
    query = (
        select(Opinion.reviewer, func.count())
        .join(ReviewSession, ReviewSession.id == Opinion.session_id)
        .where(ReviewSession.project_id == project_id, ReviewSession.n_opinions > 1, Opinion.kind == "opinion")
        .group_by(Opinion.reviewer)
    )
    if chosen.since is not None:
        query = query.where(Opinion.created_at >= chosen.since)
    with reading() as session:
        rows = session.execute(query).all()
    return {row[0]: row[1] for row in rows}


def to_csv(project_id: int, chosen: DecisionFilter) -> Iterator[str]:
    """Yields the decisions as CSV, oldest first, in pieces as they are read."""
    names = [field.name for field in fields(DecisionRow)]
    yield csv_text([names])
    query, after = _rows(project_id, chosen).order_by(Decision.id).limit(_CHUNK), 0
    while True:
        with reading() as session:
            rows = [_decision_row(row) for row in session.execute(query.where(Decision.id > after))]
        yield csv_text([_cell(getattr(row, name)) for name in names] for row in rows)
        if len(rows) < _CHUNK:
            return
        after = rows[-1].id


def set_reason(project_id: int, image_ids: Sequence[int], reviewer: str, text: str) -> None:
    """Set the reason of the reviewer's last decision on each of these images; "" removes it.

    Raises BadInput when the reviewer has decided nothing on one of them.
    """
    text = text.strip().replace("\x00", "")
    if len(text) > MOST_LETTERS:
        raise BadInput(f"A reason can have {MOST_LETTERS:,} letters; this one has {len(text):,}.")
    mine = (
        select(Decision.image_id, func.max(Decision.id))
        .where(Decision.project_id == project_id, Decision.image_id.in_(image_ids), Decision.reviewer == reviewer)
        .group_by(Decision.image_id)
    )
    with writing() as session:
        decided = {row[0]: row[1] for row in session.execute(mine)}
        if missing := set(image_ids) - decided.keys():
            name = session.scalar(select(Image.file_name).where(Image.id == min(missing)))
            raise BadInput(f"You have not decided on {name or 'this picture'}, so there is no reason to give.")
        session.execute(delete(DecisionReason).where(DecisionReason.decision_id.in_(decided.values())))
        if text:
            session.add_all(DecisionReason(decision_id=decision_id, text=text) for decision_id in decided.values())


def add_reason(session: Session, client: str, seq: int, image_id: int, text: str) -> None:
    """Add a reason to a decision within the transaction that stores the decision."""
    is_it = (Decision.client == client, Decision.seq == seq, Decision.image_id == image_id)
    decision_id = session.scalar(select(Decision.id).where(*is_it))
    if decision_id is not None:
        session.add(DecisionReason(decision_id=decision_id, text=text.strip()[:MOST_LETTERS]))


def find_last_decision(image_id: int, reviewer: str) -> int | None:
    """Returns the id of a reviewer's last decision on an image, or None."""
    with reading() as session:
        query = select(func.max(Decision.id)).where(Decision.image_id == image_id, Decision.reviewer == reviewer)
        return session.scalar(query)


def pace(times: Sequence[datetime]) -> float | None:
    """Returns decisions per hour of work; None for fewer than ten. times: ascending.

    >>> start = datetime(2026, 1, 1)
    >>> pace([start + timedelta(seconds=6 * n) for n in range(11)])
    600.0
    """
    gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False) if later - earlier <= BREAK]
    worked_s = sum(gap.total_seconds() for gap in gaps)
    return 3600 * len(gaps) / worked_s if len(gaps) >= 9 and worked_s else None


def _paces(project_id: int, chosen: DecisionFilter) -> dict[str, float | None]:
    query = (
        select(Decision.reviewer, Decision.created_at)
        .where(*_conditions(project_id, chosen), Decision.turn == 0)
        .order_by(Decision.id.desc())
        .limit(PACE_SAMPLE)
    )
    times: dict[str, list[datetime]] = defaultdict(list)
    with reading() as session:
        for reviewer, at in session.execute(query):
            times[reviewer].append(at)
    return {reviewer: pace(newest_first[::-1]) for reviewer, newest_first in times.items()}


def _rows(project_id: int, chosen: DecisionFilter) -> Any:
    to, filed = aliased(Label), aliased(Label)
    is_applied = (
        select(VersionChange.version_id).where(VersionChange.decision_id == Decision.id)
        .where(VersionChange.image_id == Decision.image_id).exists()
    )  # fmt: skip
    return (
        select(
            Decision.id, Decision.created_at, Decision.reviewer, Decision.action, to.name, filed.name, Run.number,
            Image.id, Image.blob_sha, Image.file_name, DecisionReason.text, Decision.turn, is_applied,
        )
        .join(Image, Image.id == Decision.image_id)
        .join(filed, filed.id == Image.label_id)
        .outerjoin(to, to.id == Decision.label_id)
        .outerjoin(Run, Run.id == Decision.run_id)
        .outerjoin(DecisionReason, DecisionReason.decision_id == Decision.id)
        .where(*_conditions(project_id, chosen))
    )  # fmt: skip


def _conditions(project_id: int, chosen: DecisionFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Decision.project_id == project_id]
    for column, value in (
        (Decision.reviewer, chosen.reviewer),
        (Decision.action, chosen.action),
        (Decision.run_id, chosen.run_id),
    ):
        if value is not None:
            conditions.append(column == value)
    if chosen.since is not None:
        conditions.append(Decision.created_at >= chosen.since)
    return conditions if chosen.until is None else [*conditions, Decision.created_at < chosen.until]


def _decision_row(row: Any) -> DecisionRow:
    values = (*row[:-2], row.turn > 0, bool(row[-1]))
    return DecisionRow(*values)


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
