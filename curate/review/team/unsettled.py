"""Opinions that wait for a second one; applying everything turns them into decisions."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from curate.catalog.database import reading
from curate.catalog.tables.core import now
from curate.catalog.tables.team import Opinion, ReviewSession, SessionItem
from curate.catalog.versions import batches
from curate.review.deciding.decisions import store_decisions
from curate.review.team import outcomes


@dataclass(frozen=True)
class Unsettled:
    """Unsettled images of a project.

    n_single: too few people answered, and they agree.  n_conflict: people disagree.  newest: id of the last opinion;
    `apply` takes it, so that it applies none that the person has not seen.
    """

    n_single: int
    n_conflict: int
    newest: int


def count(project_id: int) -> Unsettled:
    """Counts the unsettled images of a project's sessions."""
    with reading() as session:
        rows = session.execute(
            select(SessionItem.state, func.count())
            .where(SessionItem.session_id.in_(_sessions(project_id)), SessionItem.n_opinions > 0)
            .where(SessionItem.state.in_(("open", "conflict")))
            .group_by(SessionItem.state)
        ).all()
        newest = session.scalar(select(func.max(Opinion.id)).where(Opinion.session_id.in_(_sessions(project_id))))
    n = {row[0]: row[1] for row in rows}
    return Unsettled(n.get("open", 0), n.get("conflict", 0), newest or 0)


def decide_single_opinions(session: Session, project_id: int, up_to: int, client: str) -> list[int]:
    """Turn opinions up to that id into decisions of their authors where all agree; returns the images."""
    done: list[int] = []
    for of in session.scalars(select(ReviewSession).where(ReviewSession.project_id == project_id)).all():
        waiting = session.scalars(
            select(SessionItem.image_id).where(
                SessionItem.session_id == of.id, SessionItem.state == "open", SessionItem.n_opinions > 0
            )
        ).all()
        for batch in batches(list(waiting)):
            done += _decide(session, of, batch, up_to, client)
    return done


def _decide(session: Session, of: ReviewSession, image_ids: list[int], up_to: int, client: str) -> list[int]:
    rows, stands = outcomes.items(session, of.id, image_ids), outcomes.standing(session, of.id, image_ids)
    last = _newest(session, of.id, image_ids)
    chosen = {
        image_id: stands[image_id].answers[-1]
        for image_id, row in rows.items()
        if row.decision is None and last.get(image_id, 0) <= up_to and image_id in stands
        and len({answer.choice for answer in stands[image_id].answers}) == 1
    }  # fmt: skip
    store_decisions(
        session,
        [
            {
                "project_id": of.project_id, "image_id": image_id, "run_id": of.run_id or None,
                "reviewer": answer.reviewer,
                "client": client, "seq": 0, "created_at": now(), "action": answer.action, "label_id": answer.label_id,
                "step_id": None, "before_id": None,
            }
            for image_id, answer in chosen.items()
        ],
    )  # fmt: skip
    there = (SessionItem.session_id == of.id, SessionItem.image_id.in_(list(chosen)))
    session.execute(update(SessionItem).where(*there).values(state="settled"))
    return list(chosen)


def _newest(session: Session, session_id: int, image_ids: list[int]) -> dict[int, int]:
    query = select(Opinion.image_id, func.max(Opinion.id)).where(Opinion.session_id == session_id)
    newest_of: dict[int, int] = defaultdict(int)
    for image_id, newest in session.execute(query.where(Opinion.image_id.in_(image_ids)).group_by(Opinion.image_id)):
        newest_of[image_id] = newest
    return newest_of


def _sessions(project_id: int) -> Any:
    return select(ReviewSession.id).where(ReviewSession.project_id == project_id)
