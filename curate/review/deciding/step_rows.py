"""Rows of steps: the first operation of an action inserts one, and the others add to it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from curate.catalog.projects import NO_LABEL
from curate.catalog.tables.core import Base, Label, now
from curate.catalog.tables.steps import Step
from curate.errors import BadInput

MAX_KEY = 100
MAX_NAME = 200
# Core statements, compiled once: every key press waits for them.
_STEPS = Base.metadata.tables[Step.__tablename__]
_FIND = select(_STEPS.c.key, _STEPS.c.id, _STEPS.c.n_images).where(
    _STEPS.c.project_id == bindparam("of_project"),
    _STEPS.c.reviewer == bindparam("whose"),
    _STEPS.c.key.in_(bindparam("keys", expanding=True)),
)
_BEGIN = insert(_STEPS).returning(_STEPS.c.id, sort_by_parameter_order=True)
_ADD = update(_STEPS).where(_STEPS.c.id == bindparam("step")).values(n_images=_STEPS.c.n_images + bindparam("n"))
_VERBS = {"keep": "Keep", "delete": "Delete", "clear": "Take back", "relabel": "Relabel"}


class Operation(Protocol):
    """The parts of an operation that this module needs; `curate.review.deciding.decisions.Op` is one."""

    @property
    def seq(self) -> int: ...  # noqa: D102
    @property
    def image_ids(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def action(self) -> str: ...  # noqa: D102
    @property
    def label_id(self) -> int | None: ...  # noqa: D102
    @property
    def step(self) -> str: ...  # noqa: D102
    @property
    def step_name(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class BegunStep:
    """A step that operations are added to.  n_images: decisions or opinions in it before this transaction."""

    id: int
    key: str
    n_images: int


def step_key(step: str, client: str, seq: int) -> str:
    """Returns the key of an operation's step: its own, or one made of the client and the number."""
    return step or f"{client}:{seq}"


def begin_steps(
    session: Session, project_id: int, reviewer: str, ops: Sequence[Operation], client: str
) -> list[BegunStep]:
    """Returns the step of each operation, in order; missing steps are inserted without images. Raises BadInput."""
    keys = [step_key(op.step, client, op.seq) for op in ops]
    if any(len(key) > MAX_KEY for key in keys):
        raise BadInput(f"The name of a step can have {MAX_KEY} letters.")
    parameters = {"of_project": project_id, "whose": reviewer, "keys": list(set(keys))}
    steps = {key: BegunStep(id_, key, n) for key, id_, n in session.execute(_FIND, parameters)}
    sizes = Counter[str]()
    for key, op in zip(keys, ops, strict=True):
        sizes[key] += len(set(op.image_ids))
    names: dict[str, str] = {}
    for key, op in zip(keys, ops, strict=True):
        if key not in steps and key not in names:
            names[key] = op.step_name[:MAX_NAME] or default_name(session, op, sizes[key])
    inserted = insert_steps(session, project_id, [(reviewer, key, name) for key, name in names.items()])
    steps |= {step.key: step for step in inserted}
    return [steps[key] for key in keys]


def insert_steps(
    session: Session, project_id: int, steps: Sequence[tuple[str, str, str]], n_images: int = 0
) -> list[BegunStep]:
    """Insert a step of `n_images` images for each (reviewer, key, name); returns them in that order."""
    if not steps:
        return []
    rows = [_new(project_id, *step, n_images) for step in steps]
    ids = session.scalars(_BEGIN, rows)
    return [BegunStep(id_, row["key"], n_images) for id_, row in zip(ids, rows, strict=True)]


def _new(project_id: int, reviewer: str, key: str, name: str, n_images: int) -> dict[str, Any]:
    return {
        "project_id": project_id, "reviewer": reviewer, "key": key, "name": name, "n_images": n_images, "n_turns": 0,
        "created_at": now(), "outcome": {},
    }  # fmt: skip


def add_images(session: Session, step_id: int, n: int) -> None:
    """Add n to the images of a step."""
    if n:
        session.execute(_ADD, {"step": step_id, "n": n})


def default_name(session: Session, op: Operation, n: int) -> str:
    """Returns the text at undo for an operation on n images: "Relabel 12 to cat"."""
    to = session.get_one(Label, op.label_id).name or NO_LABEL if op.label_id is not None else ""
    return f"{_VERBS[op.action]} {n:,}{f' to {to}' if to else ''}"[:MAX_NAME]
