"""Revises all decisions of one person, as a single step of whoever does it, so that one undo reverts it."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from curate.catalog.database import reading
from curate.catalog.tables.core import IN_PROJECT, Decision, Image
from curate.catalog.versions import batches
from curate.errors import BadInput
from curate.review.deciding.decisions import Op, decide

_CHUNK = 5_000  # images in one transaction; others decide between two of them


@dataclass(frozen=True)
class DecisionsOf:
    """Standing decisions of one reviewer that no version contains; None = any."""

    reviewer: str
    action: str | None = None
    label_id: int | None = None
    since: datetime | None = None


def count(project_id: int, chosen: DecisionsOf) -> int:
    """Returns how many decisions `revise` would change now."""
    with reading() as session:
        return session.scalar(_standing(project_id, chosen).with_only_columns(func.count())) or 0


def revise(project_id: int, by: str, chosen: DecisionsOf, action: str = "clear", label_id: int | None = None) -> int:
    """Replace the chosen decisions in the name of `by`; `clear` removes them. Returns how many changed.

    Raises BadInput when none of them stands any more.
    """
    with reading() as session:
        image_ids = list(session.scalars(_standing(project_id, chosen).order_by(Image.id)))
    if not image_ids:
        raise BadInput(f"Nothing that {chosen.reviewer} decided waits to be applied.", "History restores versions.")
    client = f"revise-{secrets.token_hex(8)}"
    verb = "Take back" if action == "clear" else "Revise"
    name = f"{verb} {len(image_ids):,} of {chosen.reviewer}"
    for number, chunk in enumerate(batches(image_ids, _CHUNK)):
        decide(project_id, by, [Op(number, tuple(chunk), action, label_id, client, name)], client)
    return len(image_ids)


def _standing(project_id: int, chosen: DecisionsOf) -> Any:
    query = select(Image.id).where(
        Image.project_id == project_id, Image.state.in_(IN_PROJECT), Image.decision.is_not(None),
        Image.decided_by == chosen.reviewer,
    )  # fmt: skip
    if chosen.action is not None:
        query = query.where(Image.decision == chosen.action)
    if chosen.label_id is not None:
        query = query.where(Image.decision_label_id == chosen.label_id)
    if chosen.since is not None:
        query = query.join(Decision, Decision.id == Image.decision_id).where(Decision.created_at >= chosen.since)
    return query
