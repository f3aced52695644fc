"""Opinions: what people say of a session's images.

Where one opinion is enough, it is a decision at once. Where more are needed, an opinion stays unseen by the others (it
stands on no image and no heartbeat tells it) until enough people have said theirs; see `settling.outcome`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from curate.catalog.database import reading, writing
from curate.catalog.projects import clean_name
from curate.catalog.tables.core import now
from curate.catalog.tables.steps import Step
from curate.catalog.tables.team import Opinion, ReviewSession, SessionClaim, SessionItem, SessionMember
from curate.catalog.versions import batches
from curate.errors import CurateError
from curate.review.deciding import undo
from curate.review.deciding.decisions import Op, check_op, decide_within, what_is_said
from curate.review.deciding.step_rows import BegunStep, add_images, begin_steps
from curate.review.team import fast_intake, members, outcomes, sessions
from curate.review.team.outcomes import Cause, Standing
from curate.review.team.settling import Answer
from curate.review.team.submission import Saying


@dataclass(frozen=True)
class _Asker:
    """Who says something where, within which transaction."""

    session: Session
    of: ReviewSession
    reviewer: str
    client: str


def take(saying: Saying) -> None:
    """Store what a reviewer says, in one transaction; the same client and number again change nothing.

    Images that are not in the session's queue are decided as anywhere else. Raises BadInput, NotFound.
    """
    with writing(sessions.project_of(saying.session_id)) as session:
        _take_within(session, saying)


def take_all(project_id: int, sayings: Sequence[Saying]) -> list[CurateError | None]:
    """Store what several people say in sessions of one project, all in one transaction: a commit waits for the disk.

    When one of them cannot be stored, the others are, and its place in the answer says why.
    """
    try:
        with writing(project_id) as session:
            for saying in fast_intake.take_simple(session, project_id, sayings):
                _take_within(session, saying)
    except CurateError:
        return [_refused(saying) for saying in sayings]
    return [None] * len(sayings)


def _refused(saying: Saying) -> CurateError | None:
    try:
        take(saying)
    except CurateError as error:
        return error
    return None


def _take_within(session: Session, saying: Saying) -> None:
    of, ops = session.get_one(ReviewSession, saying.session_id), saying.ops
    asker = _Asker(session, of, clean_name(saying.reviewer, "reviewer"), saying.client)
    for op in ops:
        check_op(session, of.project_id, op)
    members.touch(session, of.id, asker.reviewer, ops[-1].image_ids[-1] if ops else None)
    for op, step in zip(ops, begin_steps(session, of.project_id, asker.reviewer, ops, asker.client), strict=True):
        for batch in batches(list(dict.fromkeys(op.image_ids))):
            _take(asker, replace(op, image_ids=tuple(batch)), step)


def of_step(session_id: int, reviewer: str, key: str) -> dict[int, Answer | None]:
    """{image id: what the reviewer says of it now} of the images of that step of theirs; None = nothing (any more)."""
    project_id = sessions.project_of(session_id)
    is_theirs = (Opinion.session_id == session_id, Opinion.reviewer == reviewer)
    step_id = (
        select(Step.id)
        .where(Step.project_id == project_id, Step.reviewer == reviewer, Step.key == key)
        .scalar_subquery()
    )
    with reading() as session:
        image_ids = session.scalars(select(Opinion.image_id).where(*is_theirs, Opinion.step_id == step_id)).all()
        rows = session.execute(
            select(Opinion.image_id, Opinion.action, Opinion.label_id)
            .where(*is_theirs, Opinion.stands, Opinion.image_id.in_(image_ids))
            .order_by(Opinion.id)
        )
        newest = {row.image_id: Answer(reviewer, row.action, row.label_id) for row in rows}
    said = {image_id: newest.get(image_id) for image_id in image_ids}
    return {image_id: None if answer and answer.action == "clear" else answer for image_id, answer in said.items()}


def follow_step(session: Session, step_id: int, is_undone: bool) -> None:
    """Take the opinions of a step back as it is undone, or let them stand again as it is redone.

    Not those on images whose decision a version has taken in since.
    """
    rows = session.execute(
        select(Opinion.session_id, Opinion.image_id, Opinion.reviewer, Opinion.client, Opinion.seq).where(
            Opinion.step_id == step_id, Opinion.stands == is_undone
        )
    ).all()
    for session_id in {row.session_id for row in rows}:
        of = session.get_one(ReviewSession, session_id)
        found = outcomes.items(session, session_id, [row.image_id for row in rows if row.session_id == session_id])
        open_rows = {image_id: row for image_id, row in found.items() if not outcomes.is_applied(row)}
        there = (Opinion.step_id == step_id, Opinion.session_id == session_id, Opinion.image_id.in_(list(open_rows)))
        session.execute(update(Opinion).where(*there).values(stands=not is_undone))
        cause = Cause(rows[0].reviewer, f"undo-{step_id}-{now():%H%M%S%f}", 0, None)
        outcomes.settle(session, of, open_rows, outcomes.standing(session, session_id, list(open_rows)), cause)
        if is_undone:
            _hold(_Asker(session, of, cause.reviewer, cause.client), list(open_rows))


undo.followers.append(follow_step)


def _take(asker: _Asker, op: Op, step: BegunStep) -> None:
    """One operation on at most a batch of images."""
    session, of = asker.session, asker.of
    rows = outcomes.items(session, of.id, op.image_ids)
    if op.action == "clear":
        rows = _said_by_them(asker, rows)
    elsewhere = tuple(image_id for image_id in op.image_ids if image_id not in rows)
    if elsewhere:
        there = replace(op, image_ids=elsewhere, step=step.key)
        decide_within(session, of.project_id, asker.reviewer, [there], asker.client, of.run_id)
    fresh = _not_yet_taken(asker, op, step, list(rows))
    if not fresh:
        return
    repeats = _repeats(asker, fresh) if of.repeat_pct else set()
    said = {image_id: what_is_said(op, rows[image_id].label_id) for image_id in fresh}
    _store(asker, op, step, rows, said, repeats)
    add_images(session, step.id, len(fresh))
    asked = {image_id: rows[image_id] for image_id in fresh if image_id not in repeats}
    cause = Cause(asker.reviewer, asker.client, op.seq, step.id)
    outcomes.settle(session, of, asked, _standing(asker, asked, said), cause)
    if op.action == "clear":
        _hold(asker, fresh)


def _hold(asker: _Asker, image_ids: list[int]) -> None:
    """What somebody took back is still before them: nobody else is given it as long as they are there."""
    there = (SessionMember.session_id == asker.of.id, SessionMember.reviewer == asker.reviewer)
    asker.session.execute(
        update(SessionItem)
        .where(SessionItem.session_id == asker.of.id, SessionItem.image_id.in_(image_ids))
        .values(held_by=select(SessionMember.id).where(*there).scalar_subquery())
    )


def _standing(asker: _Asker, rows: dict[int, Any], said: dict[int, dict[str, Any]]) -> dict[int, Standing]:
    """What stands of these images; where one opinion is enough it is this one, and nothing need be looked up."""
    is_enough = asker.of.ask_when != "deletes" and all(row.needs == 1 for row in rows.values())
    if is_enough and all(what["action"] != "clear" for what in said.values()):
        return {image_id: Standing([Answer(asker.reviewer, **said[image_id])]) for image_id in rows}
    return outcomes.standing(asker.session, asker.of.id, list(rows))


def _store(
    asker: _Asker, op: Op, step: BegunStep, rows: dict[int, Any], said: dict[int, dict[str, Any]], repeats: set[int]
) -> None:
    values = [
        {
            "session_id": asker.of.id, "image_id": image_id, "reviewer": asker.reviewer,
            "kind": "repeat" if image_id in repeats else "opinion", "filed_id": rows[image_id].label_id,
            "client": asker.client, "seq": op.seq, "step_id": step.id, "created_at": now(), **what,
        }
        for image_id, what in said.items()
    ]  # fmt: skip
    asker.session.execute(insert(Opinion), values)


def _not_yet_taken(asker: _Asker, op: Op, step: BegunStep, image_ids: list[int]) -> list[int]:
    if not step.n_images:  # nothing of it has come before
        return image_ids
    taken = asker.session.scalars(
        select(Opinion.image_id).where(
            Opinion.client == asker.client, Opinion.seq == op.seq, Opinion.image_id.in_(image_ids)
        )
    )
    known = set(taken)
    return [image_id for image_id in image_ids if image_id not in known]


def _repeats(asker: _Asker, image_ids: Sequence[int]) -> set[int]:
    """Those of the images that were given to this reviewer for the second time."""
    query = (
        select(SessionClaim.image_id)
        .join(SessionMember, SessionMember.id == SessionClaim.member_id)
        .where(SessionMember.session_id == asker.of.id, SessionMember.reviewer == asker.reviewer)
        .where(SessionClaim.image_id.in_(image_ids), SessionClaim.is_repeat)
    )
    return set(asker.session.scalars(query))


def _said_by_them(asker: _Asker, rows: dict[int, Any]) -> dict[int, Any]:
    """Those rows about which this reviewer has said something: only that can be taken back here."""
    mine = asker.session.scalars(
        select(Opinion.image_id).where(
            Opinion.session_id == asker.of.id, Opinion.reviewer == asker.reviewer, Opinion.image_id.in_(list(rows))
        )
    ).all()
    return {image_id: rows[image_id] for image_id in set(mine)}
