"""From opinions to decisions: the standing answers give an item's state and the decision on its image."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from curate.catalog.tables.core import IN_PROJECT, Base, now
from curate.catalog.tables.team import Opinion, ReviewSession, SessionItem
from curate.review.deciding.decisions import store_decisions
from curate.review.team.settling import Answer, n_needed, outcome

Choice = tuple[str, int | None]  # action, new label


@dataclass(frozen=True)
class Standing:
    """The standing answers on an image: the newest of each person, oldest first, and that of who settled it."""

    answers: list[Answer]
    settled_by: Answer | None = None


@dataclass(frozen=True)
class Cause:
    """The operation that changes something.  step_id: the step that undo reverts; None = no step."""

    reviewer: str
    client: str
    seq: int
    step_id: int | None


# A Core statement, compiled once: every key press waits for it.
_DECISIONS, _IMAGES, _ITEMS = (Base.metadata.tables[name] for name in ("decision", "image", SessionItem.__tablename__))
_FIND = (
    select(
        _ITEMS.c.image_id, _ITEMS.c.state, _ITEMS.c.needs, _ITEMS.c.n_opinions,
        _IMAGES.c.label_id, _IMAGES.c.decision, _IMAGES.c.decision_label_id, _IMAGES.c.decision_id,
        _DECISIONS.c.action.label("last_action"),
    )
    .join(_IMAGES, _IMAGES.c.id == _ITEMS.c.image_id)
    .outerjoin(_DECISIONS, _DECISIONS.c.id == _IMAGES.c.decision_id)
    .where(
        _ITEMS.c.session_id == bindparam("of"),
        _ITEMS.c.image_id.in_(bindparam("images", expanding=True)),
        _IMAGES.c.state.in_(IN_PROJECT),
    )
)  # fmt: skip


def items(session: Session, session_id: int, image_ids: Sequence[int]) -> dict[int, Any]:
    """Returns {image id: its session item, label and standing decision}, of the session and not in the bin."""
    rows = session.execute(_FIND, {"of": session_id, "images": list(image_ids)})
    return {row.image_id: row for row in rows}


def is_applied(row: Any) -> bool:
    """Whether a version contains the last decision on an image of `items`."""
    return row.decision is None and row.last_action not in (None, "clear")


def standing(session: Session, session_id: int, image_ids: Sequence[int]) -> dict[int, Standing]:
    """Returns {image id: standing answers}; answers on repetitions do not count."""
    rows = session.execute(
        select(Opinion.image_id, Opinion.reviewer, Opinion.kind, Opinion.action, Opinion.label_id)
        .where(Opinion.image_id.in_(image_ids), Opinion.session_id == session_id)
        .where(Opinion.stands, Opinion.kind != "repeat")
        .order_by(Opinion.id)
    )
    newest: dict[int, dict[str, Answer]] = defaultdict(dict)
    settled_by: dict[int, Answer] = {}
    for row in rows:
        answer = Answer(row.reviewer, row.action, row.label_id)
        if row.kind == "settles":
            settled_by[row.image_id] = answer
            continue
        newest[row.image_id].pop(row.reviewer, None)  # so that the order is that of the newest
        if row.action != "clear":
            newest[row.image_id][row.reviewer] = answer
    return {
        image_id: Standing(list(newest[image_id].values()), settled_by.get(image_id))
        for image_id in {*newest, *settled_by}
    }


def settle(
    session: Session, of: ReviewSession, rows: Mapping[int, Any], stands: Mapping[int, Standing], cause: Cause
) -> None:
    """Update the items of `rows`, and the decisions on their images, to the standing answers."""
    states: dict[tuple[str, int], list[int]] = defaultdict(list)
    decisions = []
    for image_id, row in rows.items():
        stand = stands.get(image_id, Standing([]))
        state, choice = _state(of, row, stand)
        if (state, len(stand.answers)) != (row.state, row.n_opinions):
            states[state, len(stand.answers)].append(image_id)
        decisions += _decision(of, row, choice, stand, cause)
    for (state, n), image_ids in states.items():
        there = (SessionItem.session_id == of.id, SessionItem.image_id.in_(image_ids))
        # Release the items: the holder has answered.
        session.execute(update(SessionItem).where(*there).values(state=state, n_opinions=n, held_by=None))
    store_decisions(session, decisions)


def _state(of: ReviewSession, row: Any, stand: Standing) -> tuple[str, Choice | None]:
    if stand.settled_by:
        return "settled", stand.settled_by.choice
    return outcome(stand.answers, n_needed(of.ask_when, of.n_opinions, row.needs, stand.answers))


def _decision(
    of: ReviewSession, row: Any, choice: Choice | None, stand: Standing, cause: Cause
) -> list[dict[str, Any]]:
    """Returns the decision row that the image needs, if any, in the name of who gave that answer last."""
    if choice is None and (row.state != "settled" or row.decision is None):
        return []
    action, label_id = choice or ("clear", None)
    if label_id == row.label_id:  # the image got that label meanwhile
        action, label_id = "keep", None
    if (action, label_id) == (row.decision, row.decision_label_id):
        return []
    who = stand.settled_by or next((one for one in reversed(stand.answers) if one.choice == choice), None)
    return [
        {
            "project_id": of.project_id, "image_id": row.image_id, "run_id": of.run_id or None,
            "reviewer": who.reviewer if who else cause.reviewer, "client": cause.client, "seq": cause.seq,
            "created_at": now(), "action": action, "label_id": label_id, "step_id": cause.step_id,
            "before_id": row.decision_id if row.decision is not None else None,
        }
    ]  # fmt: skip
