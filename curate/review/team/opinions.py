"""Opinions: reviewers' answers on the images of a session.

Where one opinion is enough, it becomes a decision at once. Where more are needed, an opinion stays hidden from the
others until enough people have answered: no image and no heartbeat shows it; see `settling.outcome`.
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
from curate.review.deciding.decisions import Op, check_op, decide_within, stored_choice
from curate.review.deciding.step_rows import BegunStep, add_images, begin_steps
from curate.review.team import fast_intake, members, outcomes, sessions
from curate.review.team.outcomes import Cause, Standing
from curate.review.team.settling import Answer
from curate.review.team.submission import Submission


@dataclass(frozen=True)
class _Author:
    """The author of operations, with their session (`of`) and transaction."""

    session: Session
    of: ReviewSession
    reviewer: str
    client: str


def take(submission: Submission) -> None:
    """Store a submission in one transaction; the same client and number again change nothing.

    Images outside the session's queue are decided as anywhere else. Raises BadInput, NotFound.
    """
    with writing(sessions.project_of(submission.session_id)) as session:
        _take_within(session, submission)


def take_all(project_id: int, submissions: Sequence[Submission]) -> list[CurateError | None]:
    """Store submissions of several people to one project in one transaction, since each commit waits for the disk.

    Returns None for each submission that is stored, else its error; one error does not stop the others.
    """
    try:
        with writing(project_id) as session:
            for submission in fast_intake.take_simple(session, project_id, submissions):
                _take_within(session, submission)
    except CurateError:
        return [_refused(submission) for submission in submissions]
    return [None] * len(submissions)


def _refused(submission: Submission) -> CurateError | None:
    try:
        take(submission)
    except CurateError as error:
        return error
    return None


def _take_within(session: Session, submission: Submission) -> None:
    of, ops = session.get_one(ReviewSession, submission.session_id), submission.ops
    author = _Author(session, of, clean_name(submission.reviewer, "reviewer"), submission.client)
    for op in ops:
        check_op(session, of.project_id, op)
    members.touch(session, of.id, author.reviewer, ops[-1].image_ids[-1] if ops else None)
    for op, step in zip(ops, begin_steps(session, of.project_id, author.reviewer, ops, author.client), strict=True):
        for batch in batches(list(dict.fromkeys(op.image_ids))):
            _take(author, replace(op, image_ids=tuple(batch)), step)


def of_step(session_id: int, reviewer: str, key: str) -> dict[int, Answer | None]:
    """Returns {image id: the reviewer's answer now} for the images of one of their steps; None = no answer."""
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
    answers = {image_id: newest.get(image_id) for image_id in image_ids}
    return {image_id: None if answer and answer.action == "clear" else answer for image_id, answer in answers.items()}


def follow_step(session: Session, step_id: int, is_undone: bool) -> None:
    """Withdraw the opinions of an undone step, or let them stand again when it is redone.

    Opinions on images whose decision a version contains stay as they are.
    """
    rows = session.execute(
        select(Opinion.session_id, Opinion.image_id, Opinion.reviewer, Opinion.client, Opinion.seq).where(
            Opinion.step_id == step_id, Opinion.stands == is_undone
        )
    ).all()
    for session_id in {row.session_id for row in rows}:
        of = session.get_one(ReviewSession, session_id)
        of_step = outcomes.items(session, session_id, [row.image_id for row in rows if row.session_id == session_id])
        open_rows = {image_id: row for image_id, row in of_step.items() if not outcomes.is_applied(row)}
        there = (Opinion.step_id == step_id, Opinion.session_id == session_id, Opinion.image_id.in_(list(open_rows)))
        session.execute(update(Opinion).where(*there).values(stands=not is_undone))
        cause = Cause(rows[0].reviewer, f"undo-{step_id}-{now():%H%M%S%f}", 0, None)
        outcomes.settle(session, of, open_rows, outcomes.standing(session, session_id, list(open_rows)), cause)
        if is_undone:
            _hold(_Author(session, of, cause.reviewer, cause.client), list(open_rows))


undo.followers.append(follow_step)


def _take(author: _Author, op: Op, step: BegunStep) -> None:
    """Store one operation on at most one batch of images."""
    session, of = author.session, author.of
    rows = outcomes.items(session, of.id, op.image_ids)
    if op.action == "clear":
        rows = _answered_by_author(author, rows)
    elsewhere = tuple(image_id for image_id in op.image_ids if image_id not in rows)
    if elsewhere:
        there = replace(op, image_ids=elsewhere, step=step.key)
        decide_within(session, of.project_id, author.reviewer, [there], author.client, of.run_id or None)
    fresh = _not_yet_taken(author, op, step, list(rows))
    if not fresh:
        return
    repeats = _repeats(author, fresh) if of.repeat_pct else set()
    choices = {image_id: stored_choice(op, rows[image_id].label_id) for image_id in fresh}
    _store(author, op, step, rows, choices, repeats)
    add_images(session, step.id, len(fresh))
    first_time = {image_id: rows[image_id] for image_id in fresh if image_id not in repeats}
    cause = Cause(author.reviewer, author.client, op.seq, step.id)
    outcomes.settle(session, of, first_time, _standing(author, first_time, choices), cause)
    if op.action == "clear":
        _hold(author, fresh)


def _hold(author: _Author, image_ids: list[int]) -> None:
    """Let the author keep the images whose answer they withdrew: these are still on their screen."""
    there = (SessionMember.session_id == author.of.id, SessionMember.reviewer == author.reviewer)
    author.session.execute(
        update(SessionItem)
        .where(SessionItem.session_id == author.of.id, SessionItem.image_id.in_(image_ids))
        .values(held_by=select(SessionMember.id).where(*there).scalar_subquery())
    )


def _standing(author: _Author, rows: dict[int, Any], choices: dict[int, dict[str, Any]]) -> dict[int, Standing]:
    """Returns the answers that stand; where one opinion is enough it is this one, without a query."""
    is_enough = author.of.ask_when != "deletes" and all(row.needs == 1 for row in rows.values())
    if is_enough and all(choice["action"] != "clear" for choice in choices.values()):
        return {image_id: Standing([Answer(author.reviewer, **choices[image_id])]) for image_id in rows}
    return outcomes.standing(author.session, author.of.id, list(rows))


def _store(
    author: _Author,
    op: Op,
    step: BegunStep,
    rows: dict[int, Any],
    choices: dict[int, dict[str, Any]],
    repeats: set[int],
) -> None:
    values = [
        {
            "session_id": author.of.id, "image_id": image_id, "reviewer": author.reviewer,
            "kind": "repeat" if image_id in repeats else "opinion", "filed_id": rows[image_id].label_id,
            "client": author.client, "seq": op.seq, "step_id": step.id, "created_at": now(), **choice,
        }
        for image_id, choice in choices.items()
    ]  # fmt: skip
    author.session.execute(insert(Opinion), values)


def _not_yet_taken(author: _Author, op: Op, step: BegunStep, image_ids: list[int]) -> list[int]:
    if not step.n_images:  # the step is new
        return image_ids
    taken = author.session.scalars(
        select(Opinion.image_id).where(
            Opinion.client == author.client, Opinion.seq == op.seq, Opinion.image_id.in_(image_ids)
        )
    )
    known = set(taken)
    return [image_id for image_id in image_ids if image_id not in known]


def _repeats(author: _Author, image_ids: Sequence[int]) -> set[int]:
    """Returns the images that this reviewer was given a second time."""
    query = (
        select(SessionClaim.image_id)
        .join(SessionMember, SessionMember.id == SessionClaim.member_id)
        .where(SessionMember.session_id == author.of.id, SessionMember.reviewer == author.reviewer)
        .where(SessionClaim.image_id.in_(image_ids), SessionClaim.is_repeat)
    )
    return set(author.session.scalars(query))


def _answered_by_author(author: _Author, rows: dict[int, Any]) -> dict[int, Any]:
    """Returns the rows that this reviewer has answered: only those can be cleared here."""
    mine = author.session.scalars(
        select(Opinion.image_id).where(
            Opinion.session_id == author.of.id, Opinion.reviewer == author.reviewer, Opinion.image_id.in_(list(rows))
        )
    ).all()
    return {image_id: rows[image_id] for image_id in set(mine)}
