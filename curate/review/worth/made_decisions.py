"""The decisions that two versions lie apart, in the order in which they were made, with the time that they took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from curate.catalog.database import reading
from curate.catalog.tables.core import Decision, Version, VersionChange
from curate.review.team.activity import BREAK


@dataclass(frozen=True)
class Change:
    """What a version did to one image.  label_id: its label afterwards, None = it left the project.

    action: keep, delete or relabel; "restore" for changes without a decision, which have no time and reviewer.
    old_label_id: None for an image that had no label.
    """

    image_id: int
    label_id: int | None
    old_label_id: int | None
    action: str
    reviewer: str
    at: datetime | None
    version_number: int

    @property
    def is_decision(self) -> bool:
        """Whether a person decided on this image."""
        return self.at is not None


def find_changes(project_id: int, after_number: int, up_to_number: int) -> list[Change]:
    """Returns the changes of all versions after one up to another, version by version, oldest decision first."""
    change, decision = VersionChange, Decision
    query = (
        select(
            change.image_id, change.new_label_id, change.old_label_id, change.new_state, Version.number,
            decision.action, decision.reviewer, decision.created_at,
        )
        .join(Version, Version.id == change.version_id)
        .outerjoin(decision, decision.id == change.decision_id)
        .where(Version.project_id == project_id, Version.number > after_number, Version.number <= up_to_number)
        .order_by(Version.number, change.decision_id, change.image_id)
    )  # fmt: skip
    with reading() as session:
        rows = session.execute(query).all()
    return [
        Change(
            row.image_id, row.new_label_id if row.new_state == "active" else None, row.old_label_id,
            row.action or "restore", row.reviewer or "", row.created_at, row.number,
        )
        for row in rows
    ]  # fmt: skip


def minutes(changes: Sequence[Change]) -> list[float]:
    """Returns the minutes of work up to and including each change.

    The time between two decisions of one person counts, unless it is longer than five minutes; their first decision
    takes no time. People who work side by side add up.

    >>> minutes([])
    []
    """
    last: dict[str, datetime] = {}
    total, result = 0.0, []
    for change in changes:
        if change.at is not None:
            gap = change.at - last.get(change.reviewer, change.at)
            total += max(0.0, gap.total_seconds()) / 60 if gap <= BREAK else 0.0
            last[change.reviewer] = change.at
        result.append(total)
    return result
