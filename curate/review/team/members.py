"""Members of a review session and where they are. Who sends no heartbeat is away, and their images are free."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from curate.catalog.database import reading, writing
from curate.catalog.projects import clean_name
from curate.catalog.tables.core import now
from curate.catalog.tables.team import Opinion, SessionItem, SessionMember
from curate.review.team import sessions

# The grid sends a heartbeat every 3 s; fifteen may be lost before others get the member's pictures.
AWAY = timedelta(seconds=45)
_WRITE_INTERVAL = timedelta(seconds=6)  # a heartbeat without news is stored this often


@dataclass(frozen=True)
class Person:
    """A member of a session.  position: of their current picture, from 1; None before the first."""

    id: int
    reviewer: str
    seen_at: datetime
    is_here: bool
    image_id: int | None
    position: int | None


def join(session_id: int, reviewer: str) -> int:
    """Returns the member's id; somebody who comes back is the same member, at the same place. Raises NotFound."""
    reviewer = clean_name(reviewer, "reviewer")
    sessions.project_of(session_id)
    there = (SessionMember.session_id == session_id, SessionMember.reviewer == reviewer)
    try:
        with writing() as session:
            come_back = update(SessionMember).where(*there).values(seen_at=now(), left_at=None)
            if not session.execute(come_back).rowcount:  # type: ignore[attr-defined]
                session.execute(insert(SessionMember).values(session_id=session_id, reviewer=reviewer))
    except IntegrityError:  # the same name joined in two windows at once
        return join(session_id, reviewer)
    with reading() as session:
        return session.scalars(select(SessionMember.id).where(*there)).one()


def has_joined(session_id: int, reviewer: str) -> bool:
    """Whether somebody of that name has ever joined."""
    there = (SessionMember.session_id == session_id, SessionMember.reviewer == reviewer)
    with reading() as session:
        return session.scalar(select(SessionMember.id).where(*there)) is not None


def leave(session_id: int, reviewer: str) -> None:
    """Leave; the images they hold and did not answer are free at once."""
    with writing() as session:
        session.execute(
            update(SessionMember)
            .where(SessionMember.session_id == session_id, SessionMember.reviewer == reviewer)
            .values(left_at=now())
        )


def beat(session_id: int, reviewer: str, image_id: int | None = None) -> list[Person]:
    """Record a heartbeat and the member's image; returns everybody present. It brings back nobody who left."""
    before = next((one for one in people(session_id) if one.reviewer == reviewer), None)
    is_elsewhere = before is not None and image_id not in (None, before.image_id)
    if before is not None and (is_elsewhere or now() - before.seen_at > _WRITE_INTERVAL):
        with writing() as session:
            touch(session, session_id, reviewer, image_id)
    return [one for one in people(session_id) if one.is_here]


def touch(session: Session, session_id: int, reviewer: str, image_id: int | None = None) -> None:
    """Record within a transaction that a member who has not left is present."""
    values: dict[str, Any] = {"seen_at": now()} | ({} if image_id is None else {"image_id": image_id})
    there = (SessionMember.session_id == session_id, SessionMember.reviewer == reviewer)
    session.execute(update(SessionMember).where(*there, SessionMember.left_at.is_(None)).values(values))


def people(session_id: int) -> list[Person]:
    """Returns everybody who ever joined, present members first."""
    there = and_(SessionItem.session_id == session_id, SessionItem.image_id == SessionMember.image_id)
    query = (
        select(SessionMember, SessionItem.position)
        .outerjoin(SessionItem, there)
        .where(SessionMember.session_id == session_id)
        .order_by(SessionMember.id)
    )
    with reading() as session:
        rows = session.execute(query).all()
    return sorted((_person(member, position) for member, position in rows), key=lambda one: not one.is_here)


def count_answered(session_id: int) -> dict[str, int]:
    """Returns {reviewer: images answered}. It reads all opinions of the session: too slow for every heartbeat."""
    answered = select(Opinion.reviewer, func.count(Opinion.image_id.distinct())).where(Opinion.session_id == session_id)
    with reading() as session:
        rows = session.execute(answered.where(Opinion.stands).group_by(Opinion.reviewer)).all()
    return {row[0]: row[1] for row in rows}


def is_here() -> ColumnElement[bool]:
    """The condition that a member has not left and sent a heartbeat lately."""
    return and_(SessionMember.left_at.is_(None), SessionMember.seen_at > now() - AWAY)


def _person(member: SessionMember, position: int | None) -> Person:
    is_there = member.left_at is None and now() - member.seen_at < AWAY
    at = None if position is None else position + 1
    return Person(member.id, member.reviewer, member.seen_at, is_there, member.image_id, at)
