"""Waiting decisions that contradict another person's; the page shows them before an apply, or leaves them waiting."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from curate.catalog.database import reading
from curate.catalog.tables.core import Decision, Image, VersionChange
from curate.catalog.tables.steps import Step
from curate.catalog.versions import batches
from curate.review.deciding.decisions import is_waiting
from curate.review.team.settling import Answer


@dataclass(frozen=True)
class Contested:
    """An image whose waiting decision contradicts one other person's.  answers: of both, the standing one last."""

    image_id: int
    sha: str
    file_name: str
    label_id: int
    answers: list[Answer]


def find(project_id: int, up_to: int | None = None, limit: int | None = None) -> list[Contested]:
    """Returns contested images with a waiting decision, by id; a third person's decision settles one.

    up_to: only decisions up to that revision count, as for `apply`.
    """
    with reading() as session:
        by_image = answers(session, project_id, up_to)
        shown = sorted(by_image)[:limit]
        rows = [
            row
            for batch in batches(shown)
            for row in session.execute(
                select(Image.id, Image.blob_sha, Image.file_name, Image.label_id).where(Image.id.in_(batch))
            )
        ]
    return [Contested(*row, by_image[row.id]) for row in sorted(rows, key=lambda row: row.id)]


def answers(session: Session, project_id: int, up_to: int | None = None) -> dict[int, list[Answer]]:
    """Returns {contested image: the newest answers of both people, the standing one last}."""
    newest: dict[int, dict[str, Answer]] = defaultdict(dict)
    for row in session.execute(_decisions(project_id, up_to)):
        newest[row.image_id].pop(row.who, None)
        if row.action != "clear":
            newest[row.image_id][row.who] = Answer(row.who, row.action, row.label_id)
    pairs = {image_id: list(by_person.values()) for image_id, by_person in newest.items() if len(by_person) == 2}
    return {image_id: pair for image_id, pair in pairs.items() if pair[0].choice != pair[1].choice}


def _decisions(project_id: int, up_to: int | None) -> Any:
    """Selects the decisions, oldest first and not undone, on waiting images that more than one person decided."""
    other, whose = aliased(Decision), func.coalesce(Decision.stands_for, Decision.reviewer)
    applied = (
        select(func.max(VersionChange.decision_id)).where(VersionChange.image_id == Image.id).correlate(Image)
    ).scalar_subquery()
    is_decided_by_another = exists().where(
        other.image_id == Image.id, other.reviewer != Image.decided_by, other.id < Image.decision_id
    )
    return (
        select(Decision.image_id, whose.label("who"), Decision.action, Decision.label_id)
        .join(Image, Image.id == Decision.image_id)
        .outerjoin(Step, Step.id == Decision.step_id)
        .where(*is_waiting(project_id, up_to), is_decided_by_another)
        .where(Decision.id <= Image.decision_id, Decision.id > func.coalesce(applied, 0))
        .where(or_(Step.id.is_(None), and_(Step.n_turns % 2 == 0, Decision.turn % 2 == 0)))
        .order_by(Decision.id)
    )
