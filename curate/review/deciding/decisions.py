"""Stores decisions on images, at once and for good; nothing here changes a label.

`decide` is idempotent: clients number their operations, and the same number again changes nothing. The newest
decision on an image stands until `apply` puts it into a version. The decisions of one action are one step, which
`curate.review.deciding.undo` undoes and redoes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from curate.catalog.database import reading, writing
from curate.catalog.projects import clean_name
from curate.catalog.tables.core import IN_PROJECT, Base, Decision, Image, Label, now
from curate.catalog.versions import batches
from curate.errors import BadInput, NotFound
from curate.review.deciding.step_rows import add_images, begin_steps

ACTIONS = ("keep", "delete", "relabel", "clear")
MAX_IMAGES = 10_000  # in one operation
BULK_CLIENT = "accept-"  # how a client is named that accepts suggestions which nobody has looked at

# Core statements, compiled once: every key press waits for them.
_DECISIONS, _IMAGES, _PROJECTS = (Base.metadata.tables[name] for name in ("decision", "image", "project"))
_PROJECT = select(_PROJECTS.c.id).where(_PROJECTS.c.id == bindparam("project"))
_HEAD = select(_PROJECTS.c.head_version_id).where(_PROJECTS.c.id == bindparam("project"))
_SINCE = (
    select(
        _DECISIONS.c.id, _DECISIONS.c.image_id, _DECISIONS.c.action, _DECISIONS.c.label_id,
        func.coalesce(_DECISIONS.c.stands_for, _DECISIONS.c.reviewer),
    )
    .where(_DECISIONS.c.project_id == bindparam("project"), _DECISIONS.c.id > bindparam("since"))
    .order_by(_DECISIONS.c.id)
    .limit(bindparam("most"))
)  # fmt: skip
_ACTIVE = (
    select(
        _IMAGES.c.id, _IMAGES.c.label_id, _IMAGES.c.decision, _IMAGES.c.decision_id,
        _DECISIONS.c.action, _DECISIONS.c.step_id, _DECISIONS.c.before_id,
    )
    .outerjoin(_DECISIONS, _DECISIONS.c.id == _IMAGES.c.decision_id)
    .where(
        _IMAGES.c.id.in_(bindparam("images", expanding=True)),
        _IMAGES.c.project_id == bindparam("project"),
        _IMAGES.c.state.in_(IN_PROJECT),
    )
)  # fmt: skip
_APPEND = insert(_DECISIONS).returning(_DECISIONS.c.id, sort_by_parameter_order=True)
_STAND = (
    update(_IMAGES)
    .where(_IMAGES.c.id == bindparam("image"))
    .values({name: bindparam(name) for name in ("decision", "decision_label_id", "decision_id", "decided_by")})
)


@dataclass(frozen=True)
class Op:
    """One key press: `action` on `image_ids`, numbered `seq` by the client that sends it.

    step: a key, new to this reviewer, that all operations of one action share ("bulk-9f…"), over several calls of
    `decide` too; "" = the operation is a step of its own.  step_name: the text at undo ("Delete 412 that match"),
    taken from the step's first operation; "" = a text such as "Relabel 12 to cat".
    """

    seq: int
    image_ids: tuple[int, ...]
    action: str
    label_id: int | None = None
    step: str = ""
    step_name: str = ""


@dataclass(frozen=True)
class Change:
    """A stored decision; `revision` grows with each."""

    revision: int
    image_id: int
    action: str
    label_id: int | None
    reviewer: str


@dataclass(frozen=True)
class Waiting:
    """Decisions that no version contains yet: counts, moves as (from label, to label, n), and counts by reviewer."""

    n_keep: int
    n_delete: int
    moves: list[tuple[int, int, int]]
    by_reviewer: dict[str, int]

    @property
    def n_relabel(self) -> int:
        """Images that change their label."""
        return sum(n for _, _, n in self.moves)

    @property
    def total(self) -> int:
        """All waiting decisions."""
        return self.n_keep + self.n_delete + self.n_relabel


def decide(project_id: int, reviewer: str, ops: list[Op], client: str, run_id: int | None = None) -> int:
    """Store `ops` in one transaction; returns the project's newest revision.

    Raises BadInput or NotFound, and then stores nothing. A relabel to the present label is stored as `keep`.
    Operations that share a `step` are undone together. An action on more than `MAX_IMAGES` images takes several
    operations, and several calls where one transaction would block others.
    """
    reviewer = clean_name(reviewer, "reviewer")
    with writing(project_id) as session:
        return decide_within(session, project_id, reviewer, ops, client, run_id)


def decide_within(
    session: Session, project_id: int, reviewer: str, ops: list[Op], client: str, run_id: int | None = None
) -> int:
    """Does what `decide` does within the transaction of `session`, which holds the project's lock."""
    if session.scalar(_PROJECT, {"project": project_id}) is None:
        raise NotFound(f"There is no project {project_id}.")
    for op in ops:
        check_op(session, project_id, op)
    newest, added = 0, Counter[int]()
    for op, step in zip(ops, begin_steps(session, project_id, reviewer, ops, client), strict=True):
        author = _Author(project_id, reviewer, client, run_id, step.id)
        for batch in batches(list(dict.fromkeys(op.image_ids))):
            # Earlier decisions with this number belong to its step.
            is_begun = step.n_images + added[step.id] > 0
            ids = _decide_batch(session, author, op, batch, may_be_known=is_begun)
            added[step.id] += len(ids)
            newest = max([newest, *ids])
    for step_id, n in added.items():
        add_images(session, step_id, n)
    return newest or _revision(session, project_id)


def revision(project_id: int) -> int:
    """Returns the id of the project's newest decision; 0 when there is none."""
    with reading() as session:
        return _revision(session, project_id)


def n_decisions() -> int:
    """Returns the number of the newest decision of all projects: how many were stored, those undone included."""
    with reading() as session:
        return session.scalar(select(func.max(Decision.id))) or 0


def changes_since(project_id: int, since: int, limit: int = 500) -> tuple[list[Change], int]:
    """Returns (decisions after revision `since`, oldest first, at most `limit`; the project's head version or 0).

    The reviewer of a change is the person whose decision it brings back, if it is an undo.
    """
    parameters = {"project": project_id, "since": since, "most": limit}
    with reading() as session:
        changes = [Change(*row) for row in session.execute(_SINCE, parameters)]
        return changes, session.scalar(_HEAD, {"project": project_id}) or 0


def waiting(project_id: int, up_to: int | None = None) -> Waiting:
    """Returns what an apply would do now; up_to: with decisions up to that revision only."""
    where = is_waiting(project_id, up_to)
    with reading() as session:
        rows = session.execute(
            select(Image.decision, Image.label_id, Image.decision_label_id, Image.decided_by, func.count())
            .where(*where)
            .group_by(Image.decision, Image.label_id, Image.decision_label_id, Image.decided_by)
        ).all()
    return _waiting(rows)


def is_waiting(project_id: int, up_to: int | None) -> list[ColumnElement[bool]]:
    """Conditions on images whose standing decision is in no version, and not newer than `up_to`."""
    # Adding nothing to the state keeps its index out of it: that of decisions passes over what nobody has decided on.
    state = Image.state.concat("")
    conditions = [Image.project_id == project_id, Image.decision.is_not(None), state.in_(IN_PROJECT)]
    return conditions if up_to is None else [*conditions, Image.decision_id <= up_to]


def _waiting(rows: Any) -> Waiting:
    n = {action: sum(row[4] for row in rows if row[0] == action) for action in ("keep", "delete")}
    moves: dict[tuple[int, int], int] = {}
    people: dict[str, int] = {}
    for action, label_id, new_label_id, reviewer, count in rows:
        people[reviewer] = people.get(reviewer, 0) + count
        if action == "relabel":
            moves[label_id, new_label_id] = moves.get((label_id, new_label_id), 0) + count
    ordered = sorted(((a, b, count) for (a, b), count in moves.items()), key=lambda move: (-move[2], move[0], move[1]))
    return Waiting(n["keep"], n["delete"], ordered, people)


def _revision(session: Session, project_id: int) -> int:
    return session.scalar(select(func.max(Decision.id)).where(Decision.project_id == project_id)) or 0


def check_op(session: Session, project_id: int, op: Op) -> None:
    """Raises BadInput or NotFound for an operation that is invalid in this project."""
    if op.action not in ACTIONS:
        raise BadInput(f"A decision is keep, delete, relabel or clear, not {op.action!r:.50}.")
    if not 1 <= len(op.image_ids) <= MAX_IMAGES:
        raise BadInput(f"One decision can name 1 to {MAX_IMAGES:,} images; this one names {len(op.image_ids):,}.")
    if (op.action == "relabel") != (op.label_id is not None):
        raise BadInput("A relabel names the new label; other decisions name none.")
    if op.label_id is not None:
        label = session.get(Label, op.label_id)
        if label is None or label.project_id != project_id:
            raise NotFound(f"The project has no label with number {op.label_id}.")


@dataclass(frozen=True)
class _Author:
    project_id: int
    reviewer: str
    client: str
    run_id: int | None
    step_id: int


def _decide_batch(session: Session, author: _Author, op: Op, image_ids: list[int], may_be_known: bool) -> Sequence[int]:
    """Returns the ids of the new decisions; may_be_known: the client may have sent them before."""
    seen = _seen(session, author.client, op.seq, image_ids) if may_be_known else set()
    images = _active_images(session, author.project_id, image_ids)
    missing = [image_id for image_id in image_ids if image_id not in images and image_id not in seen]
    if missing:
        raise NotFound(f"Image {missing[0]} is not among the project's images (any more).", "Reload the page.")
    fresh = [
        {
            **vars(author), "image_id": image_id, "seq": op.seq, "created_at": now(),
            "before_id": _stood_before(images[image_id], author.step_id),
            **stored_choice(op, images[image_id].label_id),
        }
        for image_id in image_ids
        if image_id not in seen
    ]  # fmt: skip
    return store_decisions(session, fresh)


def _seen(session: Session, client: str, seq: int, image_ids: list[int]) -> set[int]:
    of_op = (Decision.client == client, Decision.seq == seq, Decision.image_id.in_(image_ids))
    return set(session.scalars(select(Decision.image_id).where(*of_op)))


def store_decisions(session: Session, rows: list[dict[str, Any]]) -> Sequence[int]:
    """Append `rows` (of `Decision`) and make each the standing one of its image; returns their ids, in that order."""
    if not rows:
        return []
    ids = session.scalars(_APPEND, rows).all()
    session.execute(_STAND, [_standing(row, id_) for row, id_ in zip(rows, ids, strict=True)])
    return ids


def _active_images(session: Session, project_id: int, image_ids: list[int]) -> dict[int, Any]:
    """Returns {image id: its label, standing decision, and that decision's step and predecessor}."""
    rows = session.execute(_ACTIVE, {"project": project_id, "images": image_ids})
    return {row.id: row for row in rows}


def _stood_before(image: Any, step_id: int) -> int | None:
    """Returns the decision that undo goes back to; for an image named twice in a step, the one before both."""
    if image.decision_id is not None and image.step_id == step_id:
        return image.before_id
    is_in_a_version = image.decision is None and image.action != "clear"
    return None if is_in_a_version else image.decision_id


def stored_choice(op: Op, label_id: int) -> dict[str, Any]:
    """Returns `action` and `label_id` to store for an image with that label; a relabel to the same label is a keep."""
    action = "keep" if op.action == "relabel" and op.label_id == label_id else op.action
    return {"action": action, "label_id": op.label_id if action == "relabel" else None}


def _standing(row: dict[str, Any], decision_id: int) -> dict[str, Any]:
    is_clear = row["action"] == "clear"
    return {
        "image": row["image_id"],
        "decision": None if is_clear else row["action"],
        "decision_label_id": row["label_id"],
        "decision_id": decision_id,
        "decided_by": None if is_clear else (row.get("stands_for") or row["reviewer"]),
    }
