"""Answers of sessions that hide what is known: checks of flips, and random audits.

Their reviewers see the picture and the project's labels to choose from, in an order drawn at random; neither a run's
answer, nor the label that the image is filed under, nor what others decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from curate import settings
from curate.catalog.database import reading
from curate.catalog.tables.core import INBOX, Image
from curate.catalog.tables.team import Opinion, ReviewSession, SessionItem
from curate.evaluation.checked_flips import FITS_NONE

Choice = tuple[str, int | None]  # ("relabel", label id) or ("delete", None)


@dataclass(frozen=True)
class Answer:
    """A reviewer's standing answer about an image.  filed_id: the label that the image had at that time."""

    reviewer: str
    choice: Choice
    filed_id: int

    @property
    def label_id(self) -> int:
        """The label that the image belongs under, or `FITS_NONE`."""
        return FITS_NONE if self.choice[1] is None else self.choice[1]


@dataclass(frozen=True)
class Item:
    """An image of such a session.  answer: None while it is not settled.

    is_gone: it left the project outside the session before anybody had answered.
    """

    image_id: int
    is_gone: bool
    answer: Answer | None


def list_items(session: Session, session_id: int) -> list[Item]:
    """Returns the session's images in its order."""
    query = (
        select(SessionItem.image_id, SessionItem.state, Image.state)
        .join(Image, Image.id == SessionItem.image_id)
        .where(SessionItem.session_id == session_id)
        .order_by(SessionItem.position)
    )
    answers = _newest(session, session_id, [])
    items = []
    for image_id, state, image_state in session.execute(query):
        answer = answers.get(image_id) if state == "settled" else None
        items.append(Item(image_id, answer is None and (state == "gone" or image_state != "active"), answer))
    return items


def hides_all(session_id: int) -> bool:
    """Whether it is such a session, cached since that never changes."""
    return _hides_all(settings.database_url(), session_id)


def own_answers(session_id: int, reviewer: str, image_ids: Sequence[int]) -> dict[int, Choice]:
    """Returns {image id: the label that this reviewer gave it, or delete}.

    An answer that confirmed the filed label is given as that label: it must not tell that the label was filed.
    """
    with reading() as session:
        answers = _newest(session, session_id, list(image_ids), reviewer)
    return {image_id: answer.choice for image_id, answer in answers.items()}


@lru_cache(maxsize=1_000)
def _hides_all(_url: str, session_id: int) -> bool:
    is_one = or_(ReviewSession.checks_after_id.is_not(None), ReviewSession.drawn_from != INBOX)
    with reading() as session:
        return session.scalar(select(ReviewSession.id).where(ReviewSession.id == session_id, is_one)) is not None


def _newest(session: Session, session_id: int, image_ids: list[int], reviewer: str | None = None) -> dict[int, Answer]:
    """Returns {image id: newest standing answer}; image_ids: [] = all. reviewer: only this one's."""
    query = (
        select(Opinion.image_id, Opinion.reviewer, Opinion.action, Opinion.label_id, Opinion.filed_id)
        .where(Opinion.session_id == session_id, Opinion.stands, Opinion.kind != "repeat")
        .order_by(Opinion.id)
    )
    if reviewer is not None:
        query = query.where(Opinion.reviewer == reviewer, Opinion.image_id.in_(image_ids))
    newest = {row.image_id: row for row in session.execute(query)}
    return {
        image_id: Answer(row.reviewer, _choice(row), row.filed_id)
        for image_id, row in newest.items()
        if row.action != "clear"
    }


def _choice(row: Any) -> Choice:
    if row.action == "delete":
        return "delete", None
    return "relabel", row.filed_id if row.action == "keep" else row.label_id
