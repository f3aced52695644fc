"""What people answered about one image in sessions, and the notes on it: entries of its story."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from curate.catalog.database import reading
from curate.catalog.tables.core import Decision
from curate.catalog.tables.team import Opinion, ReviewSession, SessionItem
from curate.review.team import notes


@dataclass(frozen=True)
class StoryEntry:
    """An answer or a note.  action: keep, delete, relabel or clear in a session (`session`), else note, flag or
    question, and unflag, done or answer.  text: the reason, note or answer.  to: whom a question is for."""

    at: datetime
    by: str
    action: str
    label_id: int | None = None
    session: str = ""
    kind: str = ""
    text: str = ""
    to: str = ""


def list_entries(image_id: int, reader: str = "") -> list[StoryEntry]:
    """Returns the entries of an image, oldest first.

    Opinions on an unsettled image are shown only to their author (`reader`). Opinions that are decisions as well are
    left out: the log of decisions has them.
    """
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
    entries = [
        StoryEntry(one.created_at, one.reviewer, one.action, one.label_id, name, one.kind, one.reason or "")
        for one, name, state in rows
        if state != "open" or one.reviewer == reader
    ]
    for note in notes.of_image(image_id):
        to = note.asked or ""
        entries.append(StoryEntry(note.created_at, note.author, note.kind, text=note.text, to=to))
        if note.done_at is not None and note.done_by is not None:
            action = {"flag": "unflag", "question": "answer"}.get(note.kind, "done")
            entries.append(StoryEntry(note.done_at, note.done_by, action, text=note.answer or ""))
    return sorted(entries, key=lambda one: one.at)
