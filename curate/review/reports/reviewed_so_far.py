"""What people decided on a run's pictures so far, in the order they decided: what looking on is worth is read from it.

It stands on how the images are now, not on the log: what was taken back or undone by a restore was never seen.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import and_, func, or_, select

from curate import settings
from curate.catalog.database import reading
from curate.catalog.tables.core import Decision, Image, Run, Score, Version

LAST = 50  # suggestions


@dataclass(frozen=True)
class Tally:
    """M seen images of a run, oldest decision first.

    rows: (M,) their places in the run's arrays; label_ids: (M,) under which the run saw them; doubt: (M,) in [0, 1];
    is_error: (M,) relabelled or deleted, else kept; is_suggested: (M,) the run suggested another label, or deleting.
    """

    rows: np.ndarray
    label_ids: np.ndarray
    doubt: np.ndarray
    is_error: np.ndarray
    is_suggested: np.ndarray

    @property
    def n(self) -> int:
        """How many were seen."""
        return len(self.rows)

    @property
    def n_errors(self) -> int:
        """How many of them were wrong."""
        return int(self.is_error.sum())

    def last_suggestions(self, n: int = LAST) -> tuple[int, int]:
        """(real, all) among the last n pictures for which something else was suggested."""
        last = self.is_error[self.is_suggested][-n:]
        return int(last.sum()), len(last)


def find_tally(run_id: int) -> Tally:
    """The tally of a run; counted again only after a decision or a new version."""
    return _count(settings.database_url(), run_id, *state(run_id))


def state(run_id: int) -> tuple[int, int]:
    """(newest decision, newest version) of the run's project: while it stays, so does what people decided."""
    with reading() as session:
        project_id = session.scalar(select(Run.project_id).where(Run.id == run_id)) or 0
        newest = session.scalar(select(func.max(Decision.id)).where(Decision.project_id == project_id)) or 0
        version_id = session.scalar(select(func.max(Version.id)).where(Version.project_id == project_id)) or 0
    return newest, version_id


@lru_cache(maxsize=32)
def _count(_database: str, run_id: int, _newest: int, _version_id: int) -> Tally:
    with reading() as session:
        run = session.get_one(Run, run_id)
        seen = session.execute(
            select(
                Score.row, Score.label_id, Score.doubt, Score.suggested_id, Score.suggests_delete, Image.label_id,
                Image.state, Image.decision, Image.decision_label_id,
            )
            .join(Score, and_(Score.image_id == Image.id, Score.run_id == run_id))
            .where(
                Image.project_id == run.project_id, Image.decision_id.is_not(None),
                or_(Image.decision.is_not(None), Image.checked_at >= run.created_at, Image.state != "active"),
            )
            .order_by(Image.decision_id)
        ).all()  # fmt: skip
    return _tally(seen)


def _tally(seen: Any) -> Tally:
    return Tally(
        rows=np.array([row[0] for row in seen], np.int64),
        label_ids=np.array([row[1] for row in seen], np.int64),
        doubt=np.array([np.nan if row[2] is None else row[2] for row in seen], float),
        is_error=np.array([_is_error(row[1], *row[5:]) for row in seen], bool),
        is_suggested=np.array([row[3] is not None or row[4] for row in seen], bool),
    )


def _is_error(trained_id: int, label_id: int, state: str, decision: str | None, to_id: int | None) -> bool:
    if decision == "delete" or state != "active":
        return True
    return (to_id if decision == "relabel" else label_id) != trained_id
