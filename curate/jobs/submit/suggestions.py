"""Submits the job that suggests labels for unlabelled images: at first, for new images, and after twenty decisions."""

import numpy as np
from sqlalchemy import func, select

from curate.catalog import jobs as rows
from curate.catalog.database import reading
from curate.catalog.tables.core import Decision
from curate.jobs import client
from curate.review.labelling import inbox, suggestions
from curate.review.labelling.pictures import MOST_UNLABELLED

KIND = "suggest"
EVERY = 20  # decisions


def ensure(project_id: int, by: str) -> int | None:
    """Returns the id of the job that is open or was submitted now; None when the suggestions are fresh enough.

    A job that failed is not submitted again by itself.
    """
    open_ids = [row.id for row in rows.open_jobs() if row.kind == KIND and row.project_id == project_id]
    if open_ids:
        return open_ids[0]
    if not is_due(project_id):
        return None
    last = next((row for row in rows.list_jobs(project_id, limit=50) if row.kind == KIND), None)
    if last is not None and last.status in ("failed", "cancelled") and not _has_news(project_id, last.args):
        return None
    return client.enqueue(KIND, project_id, {"revision": _newest(project_id)}, submitted_by=by)


def is_due(project_id: int) -> bool:
    """Whether there are no suggestions, images that they do not know, or twenty decisions since."""
    unlabelled = inbox.of_project(project_id)
    if not len(unlabelled.image_ids):
        return False
    made = suggestions.find(project_id)
    if made is None:
        return True
    if _n_since(project_id, made.facts.revision) >= EVERY:
        return True
    is_whole = len(made.image_ids) < MOST_UNLABELLED
    return is_whole and bool(np.setdiff1d(unlabelled.image_ids, made.image_ids, assume_unique=True).size)


def _has_news(project_id: int, args: dict[str, int]) -> bool:
    return _n_since(project_id, int(args.get("revision", 0))) >= EVERY


def _newest(project_id: int) -> int:
    with reading() as session:
        return session.scalar(select(func.max(Decision.id)).where(Decision.project_id == project_id)) or 0


def _n_since(project_id: int, revision: int) -> int:
    some = select(Decision.id).where(Decision.project_id == project_id, Decision.id > revision).limit(EVERY)
    with reading() as session:
        return len(session.scalars(some).all())
