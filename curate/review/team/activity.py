"""Who did what: every decision with its author, time, run and reason; how many a person made, and how fast."""

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
LOOKED_AT = 20_000  # decisions from which the pace is reckoned, the newest
BREAK = timedelta(minutes=5)  # a longer pause is no work
_LOT = 2_000  # rows of an export read at a time
MOST_LETTERS = 2_000


@dataclass(frozen=True)
class Asked:
    """Which decisions; None = any. Times include `since` and leave `until` out."""

    reviewer: str | None = None
    action: str | None = None
    run_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Done:
    """One decision; `was_turned`: written by undo or redo; `is_applied`: a version has taken it in."""

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
    """What one person decided; per_hour: decisions an hour of work, pauses over five minutes left out; None = too few
    to tell."""

    reviewer: str
    n: dict[str, int]
    last_at: datetime
    per_hour: float | None

    @property
    def total(self) -> int:
        """All that they decided; what was taken back counts, too."""
        return sum(self.n.values())


def find(project_id: int, asked: Asked, before_id: int | None = None, limit: int = PAGE) -> list[Done]:
    """Decisions, newest first, those before that one only."""
    query = _rows(project_id, asked).order_by(Decision.id.desc()).limit(limit)
    with reading() as session:
        rows = session.execute(query if before_id is None else query.where(Decision.id < before_id)).all()
    return [_done(row) for row in rows]


def people(project_id: int, asked: Asked) -> list[Person]:
    """Everybody who decided something in that time, whoever did most first."""
    query = (
        select(Decision.reviewer, Decision.action, func.count(), func.max(Decision.created_at))
        .where(*_conditions(project_id, asked))
        .group_by(Decision.reviewer, Decision.action)
    )
    n: dict[str, dict[str, int]] = defaultdict(dict)
    last: dict[str, datetime] = {}
    with reading() as session:
        for reviewer, action, count, at in session.execute(query):
            n[reviewer][action] = count
            last[reviewer] = max(at, last.get(reviewer, at))
    paces = _paces(project_id, asked)
    found = [Person(name, counts, last[name], paces.get(name)) for name, counts in n.items()]
    return sorted(found, key=lambda person: (-person.total, person.reviewer))


def n_opinions(project_id: int, asked: Asked) -> dict[str, int]:
    """{reviewer: opinions in sessions where more than one person is asked}, in that time; they become one decision."""
    query = (
        select(Opinion.reviewer, func.count())
        .join(ReviewSession, ReviewSession.id == Opinion.session_id)
        .where(ReviewSession.project_id == project_id, ReviewSession.n_opinions > 1, Opinion.kind == "opinion")
        .group_by(Opinion.reviewer)
    )
    if asked.since is not None:
        query = query.where(Opinion.created_at >= asked.since)
    with reading() as session:
        rows = session.execute(query).all()
    return {row[0]: row[1] for row in rows}


def to_csv(project_id: int, asked: Asked) -> Iterator[str]:
    """All of them, oldest first, in pieces as they are read."""
    names = [field.name for field in fields(Done)]
    yield csv_text([names])
    query, after = _rows(project_id, asked).order_by(Decision.id).limit(_LOT), 0
    while True:
        with reading() as session:
            rows = [_done(row) for row in session.execute(query.where(Decision.id > after))]
        yield csv_text([_cell(getattr(row, name)) for name in names] for row in rows)
        if len(rows) < _LOT:
            return
        after = rows[-1].id


def give_reason(project_id: int, image_ids: Sequence[int], reviewer: str, text: str) -> None:
    """Say why one decided so on each of these images: of one's own last decisions; the last word counts, "" takes it
    back. Raises BadInput when one of them was not decided by this reviewer."""
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


def reason_of(session: Session, client: str, seq: int, image_id: int, text: str) -> None:
    """Say why somebody decided so, in the transaction in which they do."""
    asked = (Decision.client == client, Decision.seq == seq, Decision.image_id == image_id)
    decision_id = session.scalar(select(Decision.id).where(*asked))
    if decision_id is not None:
        session.add(DecisionReason(decision_id=decision_id, text=text.strip()[:MOST_LETTERS]))


def last_of(image_id: int, reviewer: str) -> int | None:
    """The number of a reviewer's last decision on an image."""
    with reading() as session:
        query = select(func.max(Decision.id)).where(Decision.image_id == image_id, Decision.reviewer == reviewer)
        return session.scalar(query)


def pace(times: Sequence[datetime]) -> float | None:
    """Decisions an hour of work, from their times in order; None from fewer than ten.

    >>> start = datetime(2026, 1, 1)
    >>> pace([start + timedelta(seconds=6 * n) for n in range(11)])
    600.0
    """
    gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False) if later - earlier <= BREAK]
    worked_s = sum(gap.total_seconds() for gap in gaps)
    return 3600 * len(gaps) / worked_s if len(gaps) >= 9 and worked_s else None


def _paces(project_id: int, asked: Asked) -> dict[str, float | None]:
    query = (
        select(Decision.reviewer, Decision.created_at)
        .where(*_conditions(project_id, asked), Decision.turn == 0)
        .order_by(Decision.id.desc())
        .limit(LOOKED_AT)
    )
    times: dict[str, list[datetime]] = defaultdict(list)
    with reading() as session:
        for reviewer, at in session.execute(query):
            times[reviewer].append(at)
    return {reviewer: pace(newest_first[::-1]) for reviewer, newest_first in times.items()}


def _rows(project_id: int, asked: Asked) -> Any:
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
        .where(*_conditions(project_id, asked))
    )  # fmt: skip


def _conditions(project_id: int, asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Decision.project_id == project_id]
    for column, value in (
        (Decision.reviewer, asked.reviewer),
        (Decision.action, asked.action),
        (Decision.run_id, asked.run_id),
    ):
        if value is not None:
            found.append(column == value)
    if asked.since is not None:
        found.append(Decision.created_at >= asked.since)
    return found if asked.until is None else [*found, Decision.created_at < asked.until]


def _done(row: Any) -> Done:
    values = (*row[:-2], row.turn > 0, bool(row[-1]))
    return Done(*values)


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
