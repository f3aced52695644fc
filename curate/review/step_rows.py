"""Rows of steps as decisions come in: made with the first operation of an action, added to by the others."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from curate.catalog.models import Label
from curate.catalog.step_models import Step
from curate.errors import BadInput

MAX_KEY = 100
MAX_NAME = 200
_VERBS = {"keep": "Keep", "delete": "Delete", "clear": "Take back", "relabel": "Relabel"}


class Operation(Protocol):
    """What is asked of an operation here; `curate.review.decisions.Op` is one."""

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


def step_key(step: str, client: str, seq: int) -> str:
    """The key of an operation's step: its own name, or what the client and its number make."""
    return step or f"{client}:{seq}"


def begin_steps(session: Session, project_id: int, reviewer: str, ops: Sequence[Operation], client: str) -> list[Step]:
    """The step of each operation, in their order; those that are not there yet are made and have their ids."""
    keys = [step_key(op.step, client, op.seq) for op in ops]
    if any(len(key) > MAX_KEY for key in keys):
        raise BadInput(f"The name of a step can have {MAX_KEY} letters.")
    found = {step.key: step for step in _find(session, project_id, reviewer, keys)}
    sizes = Counter[str]()
    for key, op in zip(keys, ops, strict=True):
        sizes[key] += len(set(op.image_ids))
    for key, op in zip(keys, ops, strict=True):
        if key not in found:
            name = op.step_name[:MAX_NAME] or name_of(session, op, sizes[key])
            found[key] = Step(project_id=project_id, reviewer=reviewer, key=key, name=name, n_images=0, n_turns=0)
            session.add(found[key])
    session.flush()
    return [found[key] for key in keys]


def _find(session: Session, project_id: int, reviewer: str, keys: list[str]) -> Sequence[Step]:
    return session.scalars(
        select(Step).where(Step.project_id == project_id, Step.reviewer == reviewer, Step.key.in_(set(keys)))
    ).all()


def name_of(session: Session, op: Operation, n: int) -> str:
    """What undo calls an operation on n images: "Relabel 12 to cat"."""
    to = session.get_one(Label, op.label_id).name if op.label_id is not None else ""
    return f"{_VERBS[op.action]} {n:,}{f' to {to}' if to else ''}"[:MAX_NAME]
