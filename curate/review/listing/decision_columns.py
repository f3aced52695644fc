"""The decisions on a run's images as columns, kept in memory and updated with new decisions.

The first call reads only images that have a decision or that a version changed; later calls read what is new. The cost
depends on the number of decisions, not of images.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from curate import settings
from curate.catalog.database import reading
from curate.catalog.tables.core import Decision, Image, Project, Run, Version, VersionChange
from curate.review.listing import score_columns
from curate.review.listing.score_columns import Columns

ACTIONS = ("", "keep", "delete", "relabel")  # a decision is its place here


@dataclass
class DecisionColumns:
    """(N,) arrays in the order of the run's columns.

    is_active: neither in the bin nor erased.  labels: ids of today's labels.  decision: places in `ACTIONS`, 0 = none
    stands.  is_confirmed: a person confirmed it, and this run has not asked about it again.  is_checked: a person
    confirmed it.  by: place in `people` of who decided or confirmed it, 0 = nobody.  revision, version_id: the last
    decision and version that they contain.
    """

    is_active: np.ndarray
    labels: np.ndarray
    decision: np.ndarray
    is_confirmed: np.ndarray
    is_checked: np.ndarray
    by: np.ndarray
    people: list[str]
    revision: int
    version_id: int

    @property
    def state(self) -> tuple[int, int]:
        """(revision, version id): changes whenever the columns do."""
        return self.revision, self.version_id

    @property
    def is_reviewed(self) -> np.ndarray:
        """(N,) bool: decided, or confirmed."""
        return (self.decision != 0) | self.is_confirmed


@dataclass
class _Kept:
    """The columns of one run in this process; they are replaced, never changed, so that readers need no lock."""

    lock: Lock = field(default_factory=Lock)
    columns: DecisionColumns | None = None


def of_run(run_id: int) -> DecisionColumns:
    """Returns the decisions on a run's images as they are now."""
    known = score_columns.of_run(run_id)
    kept = _kept(settings.database_url(), run_id)
    with reading() as session:
        newest = _state(session, known.project_id)
        with kept.lock:  # a reader with an older snapshot takes the newer columns
            if kept.columns is None or kept.columns.state < newest:
                kept.columns = _update(session, known, kept.columns, newest)
            return kept.columns


@lru_cache(maxsize=16)
def _kept(_database: str, _run_id: int) -> _Kept:
    return _Kept()


def _state(session: Session, project_id: int) -> tuple[int, int]:
    newest = session.scalar(select(func.max(Decision.id)).where(Decision.project_id == project_id)) or 0
    return newest, session.scalar(select(Project.head_version_id).where(Project.id == project_id)) or 0


def _update(
    session: Session, known: Columns, columns: DecisionColumns | None, newest: tuple[int, int]
) -> DecisionColumns:
    if columns is None:
        columns, changed = _no_decisions(known), _ever_changed(session, known)
    else:
        columns, changed = _copy(columns), _changed_since(known.project_id, columns)
    finished_at = session.scalar(select(Run.finished_at).where(Run.id == known.run_id))
    for condition in changed:
        _write_rows(columns, known, session.execute(_rows(known.project_id, condition)).all(), finished_at)
    columns.revision, columns.version_id = newest
    return columns


def _no_decisions(known: Columns) -> DecisionColumns:
    n = known.n
    return DecisionColumns(
        np.ones(n, bool), known.labels, np.zeros(n, np.int8), np.zeros(n, bool), np.zeros(n, bool),
        np.zeros(n, np.int16), [""], 0, 0,
    )  # fmt: skip


def _copy(columns: DecisionColumns) -> DecisionColumns:
    return DecisionColumns(
        columns.is_active.copy(), columns.labels, columns.decision.copy(), columns.is_confirmed.copy(),
        columns.is_checked.copy(), columns.by.copy(), list(columns.people), columns.revision, columns.version_id,
    )  # fmt: skip


def _ever_changed(session: Session, known: Columns) -> list[ColumnElement[bool]]:
    """Conditions that together select all images changed since the run; each has an index."""
    trained_on = session.scalar(select(Run.version_id).where(Run.id == known.run_id)) or 0
    return [Image.decision.is_not(None), Image.checked_at.is_not(None), _changed_after(known.project_id, trained_on)]


def _changed_since(project_id: int, columns: DecisionColumns) -> list[ColumnElement[bool]]:
    later = (Decision.project_id == project_id, Decision.id > columns.revision)
    decided = Image.id.in_(select(Decision.image_id).where(*later))
    return [decided, _changed_after(project_id, columns.version_id)]


def _changed_after(project_id: int, version_id: int) -> ColumnElement[bool]:
    later = select(Version.id).where(Version.project_id == project_id, Version.id > version_id)
    return Image.id.in_(select(VersionChange.image_id).where(VersionChange.version_id.in_(later)))


def _rows(project_id: int, condition: ColumnElement[bool]) -> Any:
    """Selects (id, state, standing decision, its author, time of confirmation, author of the last decision, label)."""
    whose = func.coalesce(Decision.stands_for, Decision.reviewer)
    query = select(Image.id, Image.state, Image.decision, Image.decided_by, Image.checked_at, whose, Image.label_id)
    query = query.outerjoin(Decision, Decision.id == Image.decision_id)
    return query.where(Image.project_id == project_id, condition)


def _write_rows(columns: DecisionColumns, known: Columns, rows: Any, finished_at: Any) -> None:
    """Write the values of `rows` into the columns; rows of images outside the run are dropped."""
    in_run = set(known.image_ids[known.rows_of(np.array([row[0] for row in rows], np.int64))].tolist())
    rows = [row for row in rows if row[0] in in_run]
    at = known.rows_of(np.array([row[0] for row in rows], np.int64))
    places = {name: place for place, name in enumerate(columns.people)}
    for name in dict.fromkeys(_who(row) for row in rows):
        if places.setdefault(name, len(columns.people)) == len(columns.people):
            columns.people.append(name)
    columns.is_active[at] = [row[1] == "active" for row in rows]
    labels = np.array([row[6] for row in rows], columns.labels.dtype)
    if (columns.labels[at] != labels).any():  # those of the run are shared by all, and few ever change
        columns.labels = columns.labels.copy()
        columns.labels[at] = labels
    columns.decision[at] = [ACTIONS.index(row[2] or "") for row in rows]
    columns.by[at] = [places[_who(row)] for row in rows]
    columns.is_checked[at] = [row[4] is not None for row in rows]
    asks_again = known.asks_again[at].tolist()
    columns.is_confirmed[at] = [
        row[4] is not None and (not asks or (finished_at is not None and row[4] > finished_at))
        for row, asks in zip(rows, asks_again, strict=True)
    ]


def _who(row: Any) -> str:
    _, _, decision, decided_by, checked_at, confirmed_by, _ = row
    if decision is not None:
        return decided_by or ""
    return (confirmed_by or "") if checked_at is not None else ""
