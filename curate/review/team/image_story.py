"""What was said of one image in review sessions, and noted on it, for its story."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from curate.catalog.database import reading
from curate.catalog.tables.core import Decision
from curate.catalog.tables.team import Opinion, ReviewSession, SessionItem
from curate.review.team import notes


@dataclass(frozen=True)
class Said:
    """Something said of an image. action: keep, delete, relabel or clear in a session (`session`), else note, flag or
    question; text: the reason, or what was noted; to: who was asked, and their answer, if any."""

    at: datetime
    by: str
    action: str
    label_id: int | None = None
    session: str = ""
    kind: str = ""
    text: str = ""
    to: str = ""


def said_of(image_id: int, reader: str = "") -> list[Said]:
    """Oldest first. Opinions that are not settled are told only to whoever gave them (`reader`); those that are
    decisions as well are left to the log of decisions."""
    is_decision = exists().where(
        Decision.client == Opinion.client, Decision.seq == Opinion.seq, Decision.image_id == Opinion.image_id
    )
    query = (
        select(Opinion, ReviewSession.name, SessionItem.state)
        .join(ReviewSession, ReviewSession.id == Opinion.session_id)
        .outerjoin(
            SessionItem, (SessionItem.session_id == Opinion.session_id) & (SessionItem.image_id == Opinion.image_id)
        )
        .where(Opinion.image_id == image_id, Opinion.stands, ~is_decision)
    )
    with reading() as session:
        rows = session.execute(query).all()
    told = [
        Said(one.created_at, one.reviewer, one.action, one.label_id, name, one.kind, one.reason or "")
        for one, name, state in rows
        if state != "open" or one.reviewer == reader
    ]
    for note in notes.of_image(image_id):
        to = note.asked or ""
        told.append(Said(note.created_at, note.author, note.kind, text=note.text, to=to))
        if note.done_at is not None and note.done_by is not None:
            action = {"flag": "unflag", "question": "answer"}.get(note.kind, "done")
            told.append(Said(note.done_at, note.done_by, action, text=note.answer or ""))
    return sorted(told, key=lambda one: one.at)
