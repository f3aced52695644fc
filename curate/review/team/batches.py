"""Batches: pictures given to one member of a session. Nobody else gets them while that member is there."""

import random
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from curate.catalog.database import reading, writing
from curate.catalog.tables.core import IN_PROJECT, INBOX, Image, now
from curate.catalog.tables.team import Opinion, ReviewSession, SessionClaim, SessionItem, SessionMember
from curate.errors import NotFound
from curate.review.team import members, sessions
from curate.review.team.settling import Answer

BATCH_SIZE = 24
MOST = 200  # images in a batch
_REPEAT_GAP = 20  # at least as many own answers lie between a picture and its repetition


@dataclass(frozen=True)
class Batch:
    """Images given out together.  number: from 1, of this member.  answers: {image id: the member's answer}.

    repeats: images shown a second time, at first without an answer; the screen must not show that they are.
    """

    number: int
    image_ids: list[int]
    answers: dict[int, Answer]
    repeats: frozenset[int]

    @property
    def n_left(self) -> int:
        """Images that the member has not answered."""
        return len(self.image_ids) - len(self.answers)


def current(session_id: int, reviewer: str) -> Batch | None:
    """Returns the last batch of a member, where they left off; None before the first."""
    with reading() as session:
        member = _member(session, session_id, reviewer)
    return find(session_id, reviewer, member.batch) if member.batch else None


def find(session_id: int, reviewer: str, number: int) -> Batch:
    """Returns a member's batch as it is now: without images in the bin or given to somebody else since."""
    with reading() as session:
        member = _member(session, session_id, reviewer)
        rows = session.execute(_claims(session_id, member.id, number)).all()
        given = _answers_by(session, session_id, reviewer, [row.image_id for row in rows])
    mine = {(row.image_id, row.is_repeat): given.get((row.image_id, row.is_repeat)) for row in rows}
    kept = [row for row in rows if mine[row.image_id, row.is_repeat] or row.is_repeat or _is_held(row, member.id)]
    answers = {image_id: answer for (image_id, _), answer in mine.items() if answer}
    repeats = frozenset(row.image_id for row in kept if row.is_repeat)
    return Batch(number, [row.image_id for row in kept], answers, repeats)


def take_next(session_id: int, reviewer: str, n: int = BATCH_SIZE) -> Batch | None:
    """Returns a batch of up to n more images for a member, who joins if need be; None when no image needs them.

    Two members are never given the same image at the same time. Raises NotFound.
    """
    if not members.has_joined(session_id, reviewer):
        members.join(session_id, reviewer)
    n = min(n, MOST)
    given = _give_out(session_id, reviewer, n)
    while given is None and sessions.refill(session_id):
        given = _give_out(session_id, reviewer, n)
    return given or _give_out(session_id, reviewer, n, is_skipped=True)


def count_second_opinions(session_id: int, reviewer: str) -> int:
    """Returns how many images that others answered wait for this member's opinion, outside their batch."""
    with reading() as session:
        row, member = session.get_one(ReviewSession, session_id), _member(session, session_id, reviewer)
        if row.n_opinions == 1 or row.closed_at is not None:
            return 0
        waiting = _waits_for(session, row, member)
        query = select(func.count()).select_from(SessionItem).where(SessionItem.session_id == row.id, waiting)
        return session.scalar(query.where(SessionItem.state == "open")) or 0


def take_second_opinions(session_id: int, reviewer: str) -> int:
    """Put the images that wait for this member's opinion into their last batch, before what they have not answered.

    As many of the untouched images at its end are released, so that the batch does not grow. Returns how many came.
    """
    with writing() as session:
        row, member = session.get_one(ReviewSession, session_id), _member(session, session_id, reviewer, is_locked=True)
        if row.n_opinions == 1 or row.closed_at is not None or not member.batch:
            return 0
        untouched = _untouched(session, row, member)
        taken = _take_some(session, row, member, _waits_for(session, row, member), MOST)
        waiting = [image_id for image_id, is_wanted in taken if is_wanted]
        if not waiting:
            return 0
        n_kept = max(0, len(untouched) - len(waiting))
        _set(session, row.id, untouched[n_kept:], held_by=None)
        theirs = (SessionClaim.member_id == member.id, SessionClaim.is_repeat.is_(False))
        session.execute(delete(SessionClaim).where(*theirs, SessionClaim.image_id.in_(untouched)))
        _note_claims(session, member, [(image_id, False) for image_id in [*waiting, *untouched[:n_kept]]])
        return len(waiting)


def _untouched(session: Session, row: ReviewSession, member: SessionMember) -> list[int]:
    """Returns the images of the member's last batch that nobody has answered, in order."""
    claims = session.execute(_claims(row.id, member.id, member.batch)).all()
    image_ids = [claim.image_id for claim in claims if not claim.is_repeat and _is_held(claim, member.id)]
    there = (SessionItem.session_id == row.id, SessionItem.image_id.in_(image_ids), SessionItem.n_opinions == 0)
    new = set(session.scalars(select(SessionItem.image_id).where(*there)))
    return [image_id for image_id in image_ids if image_id in new]


def _is_free(session: Session, row: ReviewSession) -> ColumnElement[bool]:
    """The condition that no present member holds the image."""
    here = session.scalars(select(SessionMember.id).where(SessionMember.session_id == row.id, members.is_here())).all()
    return or_(SessionItem.held_by.is_(None), SessionItem.held_by.not_in(here))


def _waits_for(session: Session, row: ReviewSession, member: SessionMember) -> ColumnElement[bool]:
    """The condition that somebody else answered, this member has not, and nobody holds the image."""
    return and_(_is_free(session, row), SessionItem.n_opinions > 0, ~_is_answered(row, member))


def _give_out(session_id: int, reviewer: str, n: int, is_skipped: bool = False) -> Batch | None:
    """Returns the new batch; None when no image is left for it. is_skipped: take the images they skipped.

    PostgreSQL skips rows that another transaction is giving out; SQLite has one writer at a time.
    """
    with writing() as session:
        row = session.get_one(ReviewSession, session_id)
        member = _member(session, session_id, reviewer, is_locked=True)
        member.seen_at, member.left_at = now(), None
        repeats = [] if is_skipped else _to_repeat(session, row, member, n)
        take = _take_skipped if is_skipped else _take_free
        fresh = take(session, row, member, n - len(repeats)) if row.closed_at is None else []
        if not fresh:
            return None
        member.batch += 1
        order = [(image_id, False) for image_id in fresh]
        by_chance = random.Random(f"{member.id} {member.batch}")  # noqa: S311 (no secret)
        for image_id in repeats:
            order.insert(by_chance.randrange(len(order) + 1), (image_id, True))
        _note_claims(session, member, order)
        return Batch(member.batch, [image_id for image_id, _ in order], {}, frozenset(repeats))


def _take_free(session: Session, row: ReviewSession, member: SessionMember, n: int) -> list[int]:
    """Claims up to n images for this member: second opinions first, then new images."""
    taken: list[int] = []
    second = [_waits_for(session, row, member)] if row.n_opinions > 1 else []
    for condition in (*second, and_(_is_free(session, row), SessionItem.n_opinions == 0)):
        while len(taken) < n and (more := _take_some(session, row, member, condition, n - len(taken))):
            taken += [image_id for image_id, is_wanted in more if is_wanted]
    return taken


def _take_skipped(session: Session, row: ReviewSession, member: SessionMember, n: int) -> list[int]:
    """Returns up to n images that this member holds and has not answered."""
    skipped = and_(SessionItem.held_by == member.id, ~_is_answered(row, member))
    return [image_id for image_id, is_wanted in _take_some(session, row, member, skipped, n) if is_wanted]


def _is_answered(row: ReviewSession, member: SessionMember) -> ColumnElement[bool]:
    """The condition that this member's answer stands on the image."""
    by_them = (Opinion.session_id == row.id, Opinion.reviewer == member.reviewer, Opinion.stands)
    return exists().where(Opinion.image_id == SessionItem.image_id, *by_them)


def _take_some(
    session: Session, row: ReviewSession, member: SessionMember, condition: ColumnElement[bool], n: int
) -> list[tuple[int, bool]]:
    """Claims up to n images that meet the condition; returns (image, whether it still needs an answer).

    Those that need none leave the queue.
    """
    query = (
        select(SessionItem.image_id, Image.state, Image.decision, Image.checked_at)
        .join(Image, Image.id == SessionItem.image_id)
        .where(SessionItem.session_id == row.id, SessionItem.state == "open", condition)
        .order_by(SessionItem.n_opinions, SessionItem.position)
        .limit(n)
        .with_for_update(skip_locked=True, of=SessionItem)
    )
    taken = [(image.image_id, _is_wanted(row, image)) for image in session.execute(query)]
    _set(session, row.id, [image_id for image_id, is_wanted in taken if is_wanted], held_by=member.id)
    _set(session, row.id, [image_id for image_id, is_wanted in taken if not is_wanted], state="gone")
    return taken


def _is_wanted(row: ReviewSession, image: Any) -> bool:
    """Whether an image still has a label, or has none, as the session needs.

    In a session on unreviewed images it must not be decided elsewhere, either.
    """
    if image.state != (INBOX if row.drawn_from == INBOX else "active"):
        return False
    is_reviewed = image.decision is not None or (image.checked_at is not None and image.checked_at > row.created_at)
    return not (row.view.get("reviewed") == "no" and is_reviewed)


def _to_repeat(session: Session, row: ReviewSession, member: SessionMember, n: int) -> list[int]:
    """Draws the images that this member is to see again, from those they answered a while ago."""
    if not row.repeat_pct:
        return []
    mine = (Opinion.session_id == row.id, Opinion.reviewer == member.reviewer, Opinion.kind == "opinion")
    given = select(SessionClaim.image_id).where(SessionClaim.member_id == member.id, SessionClaim.is_repeat)
    n_answered = session.scalar(select(func.count()).where(*mine)) or 0
    n_given = session.scalar(select(func.count()).select_from(given.subquery())) or 0
    n_due = min((n_answered + n) * row.repeat_pct // 100 - n_given, n // 4)
    if n_due <= 0:
        return []
    recent = select(Opinion.id).where(*mine).order_by(Opinion.id.desc()).limit(1).offset(_REPEAT_GAP)
    query = (
        select(Opinion.image_id)
        .join(Image, Image.id == Opinion.image_id)
        .where(*mine, Opinion.stands, Opinion.id <= recent.scalar_subquery())
        .where(Image.state == "active", Image.label_id == Opinion.filed_id, Opinion.image_id.not_in(given))
        .order_by(Opinion.id.desc())
        .limit(10 * n)
    )
    known = sorted(set(session.scalars(query)))
    return random.Random(f"{row.seed} {member.id} {n_given}").sample(known, min(n_due, len(known)))  # noqa: S311


def _note_claims(session: Session, member: SessionMember, order: list[tuple[int, bool]]) -> None:
    """Store which images the member holds; an image given again belongs to the newest batch only."""
    image_ids = [image_id for image_id, is_repeat in order if not is_repeat]
    was_mine = (SessionClaim.member_id == member.id, SessionClaim.is_repeat.is_(False))
    session.execute(delete(SessionClaim).where(*was_mine, SessionClaim.image_id.in_(image_ids)))
    rows = [
        {"member_id": member.id, "image_id": image_id, "batch": member.batch, "is_repeat": is_repeat}
        for image_id, is_repeat in order
    ]
    session.execute(insert(SessionClaim), rows)


def _set(session: Session, session_id: int, image_ids: list[int], **values: Any) -> None:
    if image_ids:
        there = (SessionItem.session_id == session_id, SessionItem.image_id.in_(image_ids))
        session.execute(update(SessionItem).where(*there).values(values))


def _member(session: Session, session_id: int, reviewer: str, is_locked: bool = False) -> SessionMember:
    query = select(SessionMember).where(SessionMember.session_id == session_id, SessionMember.reviewer == reviewer)
    member = session.scalars(query.with_for_update() if is_locked else query).one_or_none()
    if member is None:
        raise NotFound(f"{reviewer} has not joined this review session.", "Open it from the Team page.")
    return member


def _claims(session_id: int, member_id: int, number: int) -> Any:
    there = (SessionItem.session_id == session_id, SessionItem.image_id == SessionClaim.image_id)
    return (
        select(SessionClaim.image_id, SessionClaim.is_repeat, SessionItem.held_by, SessionItem.state)
        .join(SessionItem, (there[0]) & (there[1]))
        .join(Image, Image.id == SessionClaim.image_id)
        .where(SessionClaim.member_id == member_id, SessionClaim.batch == number, Image.state.in_(IN_PROJECT))
        .order_by(SessionClaim.id)
    )


def _is_held(row: Any, member_id: int) -> bool:
    """Whether the image waits for this member; a settled image needs nobody."""
    return row.held_by == member_id and row.state == "open"


def _answers_by(
    session: Session, session_id: int, reviewer: str, image_ids: list[int]
) -> dict[tuple[int, bool], Answer]:
    """Returns {(image id, whether it is a repetition): the reviewer's newest answer}."""
    query = (
        select(Opinion.image_id, Opinion.kind, Opinion.action, Opinion.label_id)
        .where(Opinion.session_id == session_id, Opinion.reviewer == reviewer, Opinion.stands)
        .where(Opinion.image_id.in_(image_ids), Opinion.kind != "settles")
        .order_by(Opinion.id)
    )
    newest = {(row.image_id, row.kind == "repeat"): row for row in session.execute(query)}
    return {key: Answer(reviewer, row.action, row.label_id) for key, row in newest.items() if row.action != "clear"}
