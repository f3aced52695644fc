"""Undo and redo of a reviewer's steps, over pages, reloads and days.

A step holds the decisions of one action: a key on a selection, or a bulk over a million images. `decide` makes it; all
operations with the same `Op.step` are one step:

    client = f"bulk-{secrets.token_hex(8)}"
    for number, ids in enumerate(batches(image_ids, 10_000)):    # a transaction each, so that nobody waits long
        decide(project_id, reviewer, [Op(number, tuple(ids), "delete", step=client, step_name="Delete 412 that match")],
               client, run_id)
    undo(project_id, reviewer)                                   # the newest step; or this one: undo(…, key=client)

Undo appends decisions that restore the state before the step, whoever decided it; redo appends the step's decisions
again. Neither touches an image that was decided on since, or whose decision a version contains: the result counts
those. Nothing is ever removed.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from curate.catalog.database import reading, writing
from curate.catalog.projects import clean_name
from curate.catalog.tables.core import IN_PROJECT, Decision, Image, now
from curate.catalog.tables.steps import Step
from curate.review.deciding.decisions import store_decisions

CHUNK = 5_000  # images per transaction of an undo or redo; others can decide between two of them

# Called with (session, step id, whether it is undone now) within the last transaction of an undo or redo, for data that
# belongs to steps but is no decision.
followers: list[Callable[[Session, int, bool], None]] = []


@dataclass(frozen=True)
class StepRow:
    """A step as lists show it.  key: as in `Op.step`.  n_images: its decisions.  is_undone: also during the undo."""

    key: str
    name: str
    n_images: int
    created_at: datetime
    is_undone: bool


@dataclass(frozen=True)
class Stack:
    """The steps that undo and redo would change next; None = none."""

    undo: StepRow | None
    redo: StepRow | None


@dataclass(frozen=True)
class Turn:
    """The result of an undo or redo.

    step: None = there was nothing to do.  n_changed: images changed.  left: {reviewer whose newer decision stays:
    images}.  n_applied: images left since a version contains their decision, or they are in the bin; if there are only
    those, the step stays as it was.  is_complete: False = the time was over; the same request continues.
    """

    is_undo: bool
    step: StepRow | None
    n_changed: int = 0
    n_applied: int = 0
    left: dict[str, int] | None = None
    is_complete: bool = True


@dataclass(frozen=True)
class RequestId:
    """The client and number of a request, so that a repeated request is carried out once."""

    client: str
    seq: int


def undo(
    project_id: int, reviewer: str, key: str = "", request: RequestId | None = None, within_s: float = float("inf")
) -> Turn:
    """Undo the reviewer's newest standing step, or the one with that key; an undone step stays undone.

    within_s: stop after about that many seconds, between two chunks (5,000 images take some 0.3 s each).
    """
    return _turn(project_id, reviewer, key, True, request, within_s)


def redo(
    project_id: int, reviewer: str, key: str = "", request: RequestId | None = None, within_s: float = float("inf")
) -> Turn:
    """Redo the step that was undone last, unless another was made since; or the step with that key."""
    return _turn(project_id, reviewer, key, False, request, within_s)


def list_steps(project_id: int, reviewer: str, limit: int = 50) -> list[StepRow]:
    """Returns the reviewer's steps, newest first."""
    with reading() as session:
        steps = session.scalars(_steps_of(project_id, reviewer).order_by(Step.id.desc()).limit(limit))
        return [_row(step) for step in steps]


def stack(project_id: int, reviewer: str) -> Stack:
    """Returns the steps that undo and redo would change next."""
    with reading() as session:
        newest, again = _newest(session, project_id, reviewer, ""), _undone(session, project_id, reviewer, "")
        return Stack(_row(newest) if newest else None, _row(again) if again else None)


def describe(turn: Turn, reviewer: str) -> str:
    """Returns a sentence on the result, for the reviewer."""
    if turn.step is None:
        return "Nothing to undo." if turn.is_undo else "Nothing to redo."
    name, n_left = f"“{turn.step.name}”", sum((turn.left or {}).values())
    if not turn.n_changed and turn.n_applied:
        return f"{name} is in a version by now: History brings earlier versions back."
    done = f"Undone: {turn.step.name}." if turn.is_undo else f"Done again: {turn.step.name}."
    if not turn.n_changed and n_left:
        done = f"Nothing of {name} was changed."
    return " ".join([done, *_exceptions(turn, reviewer, n_left)])


def _exceptions(turn: Turn, reviewer: str, n_left: int) -> list[str]:
    sentences = []
    if turn.left:
        whose = " and ".join(sorted("you" if name == reviewer else name for name in turn.left))
        stay = "stays" if n_left == 1 else "stay"
        sentences.append(f"{n_left:,} {stay} as {whose} decided since.")
    if turn.n_applied:
        sentences.append(f"{turn.n_applied:,} {'is' if turn.n_applied == 1 else 'are'} in a version by now.")
    return sentences


def _turn(project_id: int, reviewer: str, key: str, is_undo: bool, request: RequestId | None, within_s: float) -> Turn:
    reviewer = clean_name(reviewer, "reviewer")
    request, until = request or RequestId(f"steps-{secrets.token_hex(8)}", 0), time.monotonic() + within_s
    find = _newest if is_undo else _undone
    while True:
        with writing(project_id) as session:
            step = _step_of_request(session, project_id, reviewer, request) or find(session, project_id, reviewer, key)
            if step is None:
                return Turn(is_undo, None)
            if not _is_repeated(step, request) and _is_undone(step) != is_undo:
                _begin(step, request)
            if step.turned_up_to is not None:
                _turn_chunk(session, step)
            is_complete = step.turned_up_to is None
            key = step.key
            turn = _as_turn(step, is_undo, is_complete)
        if is_complete or time.monotonic() > until:
            return turn


def _as_turn(step: Step, is_undo: bool, is_complete: bool) -> Turn:
    outcome = step.outcome
    return Turn(
        is_undo,
        _row(step),
        outcome.get("changed", 0),
        outcome.get("applied", 0),
        outcome.get("left") or None,
        is_complete,
    )


def _row(step: Step) -> StepRow:
    return StepRow(step.key, step.name, step.n_images, step.created_at, _is_undone(step))


def _is_undone(step: Step) -> bool:
    return step.n_turns % 2 == 1


def _steps_of(project_id: int, reviewer: str) -> Select[Step]:
    return select(Step).where(Step.project_id == project_id, Step.reviewer == reviewer)


def _step_of_request(session: Session, project_id: int, reviewer: str, request: RequestId) -> Step | None:
    """Returns the step of this request, when it was sent before."""
    steps = _steps_of(project_id, reviewer).where(Step.turned_client == request.client, Step.turned_seq == request.seq)
    return session.scalars(steps.order_by(Step.id.desc()).limit(1)).first()


def _is_repeated(step: Step, request: RequestId) -> bool:
    """Whether this request, or a later one of the same client, was carried out: requests may arrive late."""
    return step.turned_client == request.client and (step.turned_seq or 0) >= request.seq


def _newest(session: Session, project_id: int, reviewer: str, key: str) -> Step | None:
    query = _steps_of(project_id, reviewer)
    if key:
        return session.scalars(query.where(Step.key == key)).first()
    is_open = or_(Step.n_turns % 2 == 0, Step.turned_up_to.is_not(None))  # a half-undone step is undone to its end
    return session.scalars(query.where(is_open).order_by(Step.id.desc()).limit(1)).first()


def _undone(session: Session, project_id: int, reviewer: str, key: str) -> Step | None:
    """Returns the step to redo: the oldest of those undone after the newest that stands."""
    query = _steps_of(project_id, reviewer)
    if key:
        return session.scalars(query.where(Step.key == key)).first()
    standing = _steps_of(project_id, reviewer).where(Step.n_turns % 2 == 0, Step.turned_up_to.is_(None))
    newest = session.scalar(standing.with_only_columns(func.max(Step.id))) or 0
    return session.scalars(query.where(Step.id > newest).order_by(Step.id).limit(1)).first()


def _begin(step: Step, request: RequestId) -> None:
    step.n_turns += 1
    step.turned_up_to = 0
    step.turned_client, step.turned_seq = request.client, request.seq
    step.outcome = {}


def _turn_chunk(session: Session, step: Step) -> None:
    """Restore, for the next chunk of the step's decisions, what stood before each one that still stands."""
    rows = _find_chunk(session, step)
    counts: dict[str, Any] = {"changed": 0, "applied": 0, "left": {}, **step.outcome}
    chosen = []
    for row in rows:
        stands = row.now_stands == row.stands  # by the row itself, or restored by the undo of a later step
        if row.state not in IN_PROJECT or (stands and row.decision is None and row.action != "clear"):
            counts["applied"] += 1
        elif stands:
            chosen.append(row)
        elif row.since_step_id != step.id:
            counts["left"] = {**counts["left"], row.since: counts["left"].get(row.since, 0) + 1}
    store_decisions(session, [_way_back(step, row) for row in chosen])
    counts["changed"] += len(chosen)
    step.outcome = counts
    step.turned_up_to = rows[-1].id if len(rows) == CHUNK else None
    if step.turned_up_to is not None:
        return
    if not counts["changed"] and counts["applied"]:
        step.n_turns -= 1  # a version contains all of it: it stands
    else:
        for follow in followers:
            follow(session, step.id, _is_undone(step))


def _find_chunk(session: Session, step: Step) -> Sequence[Any]:
    before, since = aliased(Decision), aliased(Decision)
    query = (
        select(
            Decision.id, Decision.image_id, Decision.action, Decision.run_id, Image.state, Image.decision,
            func.coalesce(Decision.restores_id, Decision.id).label("stands"),
            before.action.label("back_action"), before.label_id.label("back_label_id"),
            func.coalesce(before.restores_id, before.id).label("back_id"),
            func.coalesce(before.stands_for, before.reviewer).label("back_to"),
            func.coalesce(since.restores_id, since.id).label("now_stands"), since.step_id.label("since_step_id"),
            func.coalesce(since.stands_for, since.reviewer).label("since"),
        )
        .join(Image, Image.id == Decision.image_id)
        .outerjoin(before, before.id == Decision.before_id)
        .outerjoin(since, since.id == Image.decision_id)
        .where(Decision.step_id == step.id, Decision.turn == step.n_turns - 1, Decision.id > step.turned_up_to)
        .order_by(Decision.id)
        .limit(CHUNK)
    )  # fmt: skip
    return session.execute(query).all()


def _way_back(step: Step, row: Any) -> dict[str, Any]:
    is_anothers = row.back_to is not None and row.back_to != step.reviewer
    return {
        "project_id": step.project_id,
        "image_id": row.image_id,
        "run_id": row.run_id,
        "reviewer": step.reviewer,
        "client": step.turned_client,
        "seq": step.turned_seq,
        "created_at": now(),
        "action": row.back_action or "clear",
        "label_id": row.back_label_id,
        "step_id": step.id,
        "turn": step.n_turns,
        "before_id": row.id,
        "restores_id": row.back_id,
        "stands_for": row.back_to if is_anothers else None,
    }
