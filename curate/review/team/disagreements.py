"""Images about which the people of a session disagree, and how a third person settles them."""

import secrets
from dataclasses import dataclass

from sqlalchemy import func, insert, select, tuple_

from curate.catalog.database import reading, writing
from curate.catalog.projects import clean_name
from curate.catalog.tables.core import IN_PROJECT, Image
from curate.catalog.tables.team import Opinion, ReviewSession, SessionItem
from curate.errors import BadInput, Conflict
from curate.review.deciding.decisions import Op, check_op, stored_choice
from curate.review.deciding.step_rows import add_images, begin_steps
from curate.review.team import activity, outcomes, sessions
from curate.review.team.outcomes import Cause, Standing
from curate.review.team.settling import Answer

PAGE = 30


@dataclass(frozen=True)
class Disagreement:
    """An image with everybody's newest answer, oldest first."""

    session_id: int
    session_name: str
    position: int
    image_id: int
    sha: str
    file_name: str
    label_id: int
    answers: list[Answer]

    def can_settle(self, reviewer: str) -> bool:
        """Whether the reviewer may choose any answer; those who took part may only adopt another's."""
        return all(answer.reviewer != reviewer for answer in self.answers)


def count(project_id: int) -> int:
    """Returns how many images of the project's sessions wait to be settled."""
    with reading() as session:
        query = select(func.count()).select_from(SessionItem).where(SessionItem.state == "conflict", _is_of(project_id))
        return session.scalar(query) or 0


def find(project_id: int, after: tuple[int, int] | None = None, limit: int = PAGE) -> list[Disagreement]:
    """Returns the project's disagreements, oldest session first; after: (session, position) of the last one shown."""
    place = (SessionItem.session_id, SessionItem.position)
    query = (
        select(
            SessionItem.session_id, ReviewSession.name, SessionItem.position, SessionItem.image_id,
            Image.blob_sha, Image.file_name, Image.label_id,
        )
        .join(ReviewSession, ReviewSession.id == SessionItem.session_id)
        .join(Image, Image.id == SessionItem.image_id)
        .where(SessionItem.state == "conflict", _is_of(project_id), Image.state.in_(IN_PROJECT))
        .order_by(*place)
        .limit(limit)
    )  # fmt: skip
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    with reading() as session:
        rows = session.execute(query).all()
        standing: dict[tuple[int, int], Standing] = {}
        for session_id in {row.session_id for row in rows}:
            image_ids = [row.image_id for row in rows if row.session_id == session_id]
            for image_id, stand in outcomes.standing(session, session_id, image_ids).items():
                standing[session_id, image_id] = stand
    return [Disagreement(*row, standing[row.session_id, row.image_id].answers) for row in rows]


def settle(
    session_id: int, image_id: int, reviewer: str, action: str, label_id: int | None = None, reason: str = ""
) -> None:
    """Settle an image on which people disagree, as one step of `reviewer`.

    A third person may give any answer; somebody who took part may only adopt another's. Raises BadInput, Conflict.
    """
    reviewer, project_id = clean_name(reviewer, "reviewer"), sessions.project_of(session_id)
    op = Op(1, (image_id,), action, label_id, step_name="Settle 1")
    client = f"settle-{secrets.token_hex(8)}"
    with writing(project_id) as session:
        of = session.get_one(ReviewSession, session_id)
        check_op(session, project_id, op)
        rows = outcomes.items(session, session_id, [image_id])
        if image_id not in rows or rows[image_id].state != "conflict":
            raise Conflict("Somebody has settled this picture meanwhile.", "Look at the list again.")
        choice = stored_choice(op, rows[image_id].label_id)
        stand = outcomes.standing(session, session_id, [image_id])[image_id]
        answer = Answer(reviewer, choice["action"], choice["label_id"])
        _check_third(answer, stand)
        step = begin_steps(session, project_id, reviewer, [op], client)[0]
        values = {
            "session_id": session_id, "image_id": image_id, "reviewer": reviewer, "kind": "settles",
            "filed_id": rows[image_id].label_id, "reason": reason.strip() or None, "client": client, "seq": 1,
            "step_id": step.id, **choice,
        }  # fmt: skip
        session.execute(insert(Opinion).values(values))
        add_images(session, step.id, 1)
        stands = {image_id: Standing(stand.answers, answer)}
        outcomes.settle(session, of, rows, stands, Cause(reviewer, client, 1, step.id))
        if reason.strip():
            activity.add_reason(session, client, 1, image_id, reason)


def _check_third(answer: Answer, stand: Standing) -> None:
    own = [one.choice for one in stand.answers if one.reviewer == answer.reviewer]
    others = [one.choice for one in stand.answers if one.reviewer != answer.reviewer]
    if own and (answer.choice in own or answer.choice not in others):
        raise BadInput(
            "You are one of those who disagree: a third person has the last word.",
            "You can come round to what somebody else said.",
        )


def _is_of(project_id: int):  # type: ignore[no-untyped-def]
    return SessionItem.session_id.in_(select(ReviewSession.id).where(ReviewSession.project_id == project_id))
