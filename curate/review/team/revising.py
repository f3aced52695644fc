"""Revising what one person decided, all at once: one step of whoever does it, so that one undo brings it back."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from curate.catalog.database import reading
from curate.catalog.tables.core import Decision, Image
from curate.catalog.versions import batches
from curate.errors import BadInput
from curate.review.deciding.decisions import Op, decide

_LOT = 5_000  # images in one transaction; others decide between two of them


@dataclass(frozen=True)
class Theirs:
    """Whose decisions, and which of them; None = any. Only those that stand and that no version has taken in."""

    reviewer: str
    action: str | None = None
    label_id: int | None = None
    since: datetime | None = None


def count(project_id: int, theirs: Theirs) -> int:
    """How many decisions `revise` would change now."""
    with reading() as session:
        return session.scalar(_standing(project_id, theirs).with_only_columns(func.count())) or 0


def revise(project_id: int, by: str, theirs: Theirs, action: str = "clear", label_id: int | None = None) -> int:
    """Decide anew, in the name of `by`, on all that somebody decided; `clear` takes it back. How many were changed.

    Raises BadInput when none of it stands any more.
    """
    with reading() as session:
        image_ids = list(session.scalars(_standing(project_id, theirs).order_by(Image.id)))
    if not image_ids:
        raise BadInput(f"Nothing that {theirs.reviewer} decided waits to be applied.", "History restores versions.")
    client = f"revise-{secrets.token_hex(8)}"
    verb = "Take back" if action == "clear" else "Revise"
    name = f"{verb} {len(image_ids):,} of {theirs.reviewer}"
    for number, lot in enumerate(batches(image_ids, _LOT)):
        decide(project_id, by, [Op(number, tuple(lot), action, label_id, client, name)], client)
    return len(image_ids)


def _standing(project_id: int, theirs: Theirs) -> Any:
    query = select(Image.id).where(
        Image.project_id == project_id, Image.state == "active", Image.decision.is_not(None),
        Image.decided_by == theirs.reviewer,
    )  # fmt: skip
    if theirs.action is not None:
        query = query.where(Image.decision == theirs.action)
    if theirs.label_id is not None:
        query = query.where(Image.decision_label_id == theirs.label_id)
    if theirs.since is not None:
        query = query.join(Decision, Decision.id == Image.decision_id).where(Decision.created_at >= theirs.since)
    return query
