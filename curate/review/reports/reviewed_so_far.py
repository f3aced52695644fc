"""The reviewed images of a run, in the order of their decisions: the basis for estimating what is left.

It follows from how the images stand now, not from the log. Decisions that were taken back, or undone by a restore, do
not count; neither do images about which people disagree and nobody has settled it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from curate import settings
from curate.catalog.database import reading
from curate.catalog.tables.core import Decision, Image, Run, Score, Version, VersionChange
from curate.catalog.tables.team import Opinion, ReviewSession, SessionItem
from curate.review.deciding import conflicts

LAST = 50  # suggestions


@dataclass(frozen=True)
class Reviewed:
    """M reviewed images of a run, oldest decision first.

    image_ids: (M,); rows: (M,) their places in the run's arrays; label_ids: (M,) labels that the run was trained with;
    doubt: (M,) in [0, 1]; is_error: (M,) relabelled or deleted, else kept; is_suggested: (M,) the run suggested another
    label, or deleting.
    """

    image_ids: np.ndarray
    rows: np.ndarray
    label_ids: np.ndarray
    doubt: np.ndarray
    is_error: np.ndarray
    is_suggested: np.ndarray

    @property
    def n(self) -> int:
        """Reviewed images."""
        return len(self.rows)

    @property
    def n_errors(self) -> int:
        """Reviewed images whose label was wrong."""
        return int(self.is_error.sum())

    def last_suggestions(self, n: int = LAST) -> tuple[int, int]:
        """Returns (label errors, all) among the last n pictures with a suggestion."""
        last = self.is_error[self.is_suggested][-n:]
        return int(last.sum()), len(last)


def find_reviewed(run_id: int) -> Reviewed:
    """Returns the reviewed images of a run; computed again only when `state` changes."""
    return _count(settings.database_url(), run_id, state(run_id))


def state(run_id: int) -> tuple[int, int, int]:
    """Returns (newest decision, version, opinion) of the run's project; `Reviewed` changes only when this does."""
    with reading() as session:
        project_id = session.scalar(select(Run.project_id).where(Run.id == run_id)) or 0
        newest = session.scalar(select(func.max(Decision.id)).where(Decision.project_id == project_id)) or 0
        version_id = session.scalar(select(func.max(Version.id)).where(Version.project_id == project_id)) or 0
        opinion_id = session.scalar(select(func.max(Opinion.id)).where(Opinion.session_id.in_(_sessions(project_id))))
    return newest, version_id, opinion_id or 0


@lru_cache(maxsize=32)
def _count(_database: str, run_id: int, _state: tuple[int, int, int]) -> Reviewed:
    with reading() as session:
        run = session.get_one(Run, run_id)
        rows = session.execute(
            select(
                Score.row, Score.label_id, Score.doubt, Score.suggested_id, Score.suggests_delete, Image.label_id,
                Image.state, Image.decision, Image.decision_label_id, Image.id,
            )
            .join(Score, and_(Score.image_id == Image.id, Score.run_id == run_id))
            .join(Decision, Decision.id == Image.decision_id)
            .where(Image.project_id == run.project_id, _is_in_effect(run))
            .order_by(Image.decision_id)
        ).all()  # fmt: skip
        unsettled = _unsettled(session, run.project_id)
    return _reviewed([row for row in rows if row[9] not in unsettled])


def _is_in_effect(run: Run) -> ColumnElement[bool]:
    """The condition that the joined `Decision`, the image's newest, waits or is in effect."""
    restored_since = exists().where(
        VersionChange.image_id == Image.id, VersionChange.version_id == Version.id, Version.kind == "restore",
        Version.created_at > Decision.created_at,
    )  # fmt: skip
    # A keep says that the label of that moment is right; a restore may have brought another label since.
    is_waiting = and_(Image.decision.is_not(None), or_(Image.decision != "keep", ~restored_since))
    # A restore also puts images into the bin: those that came in after the restored version.
    is_deleted = and_(Image.state != "active", Decision.action == "delete")
    is_confirmed = and_(
        Image.decision.is_(None), Image.state == "active", Image.checked_at >= run.created_at,
        or_(Decision.action != "relabel", Decision.label_id == Image.label_id),
    )  # fmt: skip
    return or_(is_waiting, is_deleted, is_confirmed)


def _unsettled(session: Session, project_id: int) -> set[int]:
    """Returns images on which people disagree, in review sessions or by contradicting waiting decisions."""
    in_conflict = SessionItem.session_id.in_(_sessions(project_id)), SessionItem.state == "conflict"
    return set(session.scalars(select(SessionItem.image_id).where(*in_conflict))) | set(
        conflicts.answers(session, project_id)
    )


def _sessions(project_id: int) -> Any:
    return select(ReviewSession.id).where(ReviewSession.project_id == project_id)


def _reviewed(rows: Any) -> Reviewed:
    return Reviewed(
        image_ids=np.array([row[9] for row in rows], np.int64),
        rows=np.array([row[0] for row in rows], np.int64),
        label_ids=np.array([row[1] for row in rows], np.int64),
        doubt=np.array([np.nan if row[2] is None else row[2] for row in rows], float),
        is_error=np.array([_is_error(row[1], *row[5:9]) for row in rows], bool),
        is_suggested=np.array([row[3] is not None or row[4] for row in rows], bool),
    )


def _is_error(trained_id: int, label_id: int, state: str, decision: str | None, to_id: int | None) -> bool:
    if decision == "delete" or state != "active":
        return True
    return (to_id if decision == "relabel" else label_id) != trained_id
