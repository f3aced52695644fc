"""The images that suggestions are made for and from: the unlabelled ones, and labelled ones to learn from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select

from curate.catalog import projects
from curate.catalog.database import reading
from curate.catalog.tables.core import IN_PROJECT, INBOX, Decision, Image
from curate.review.deciding.decisions import BULK_CLIENT

MOST_UNLABELLED = 200_000
MOST_LABELLED = 5_000
_SCATTER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / the golden ratio: a draw that new images do not change


@dataclass(frozen=True)
class Pictures:
    """(N,) images in ascending order of ids, and the SHA-256 of each.

    label_ids: today's or the one that a waiting decision gives; 0 = none.  is_unlabelled: none as of the last version.
    is_confirmed: a person has looked at the image and said this label.
    """

    image_ids: np.ndarray
    shas: list[str]
    label_ids: np.ndarray
    is_unlabelled: np.ndarray
    is_confirmed: np.ndarray


def of_project(project_id: int) -> Pictures:
    """Returns the images; of more than 200,000 unlabelled or 5,000 labelled ones it draws that many."""
    none_id = projects.find_unlabelled_id(project_id)
    columns = (
        Image.id, Image.blob_sha, Image.state, Image.label_id, Image.decision, Image.decision_label_id,
        Image.checked_at, Decision.client,
    )  # fmt: skip
    query = select(*columns).outerjoin(Decision, Decision.id == Image.decision_id)
    with reading() as session:
        rows = session.execute(
            query.where(Image.project_id == project_id, Image.state.in_(IN_PROJECT)).order_by(Image.id)
        ).all()
    rows = [row for row in rows if row.decision != "delete"]
    labels = [row.decision_label_id if row.decision == "relabel" else row.label_id for row in rows]
    image_ids = np.array([row.id for row in rows], np.int64)
    label_ids = np.array([0 if label == none_id else label for label in labels], np.int64)
    is_unlabelled = np.array([row.state == INBOX for row in rows], bool)
    is_confirmed = np.array([_is_confirmed(row) for row in rows], bool)
    chosen = np.sort(
        np.concatenate(
            [
                _draw(image_ids, np.flatnonzero(is_unlabelled & (label_ids == 0)), MOST_UNLABELLED),
                np.flatnonzero(is_unlabelled & (label_ids != 0)),
                _draw(image_ids, np.flatnonzero(~is_unlabelled & (label_ids != 0)), MOST_LABELLED),
            ]
        )
    )
    shas = [rows[row].blob_sha for row in chosen.tolist()]
    return Pictures(image_ids[chosen], shas, label_ids[chosen], is_unlabelled[chosen], is_confirmed[chosen])


def _is_confirmed(row: Any) -> bool:
    if row.decision is None:
        return row.checked_at is not None
    return not row.client.startswith(BULK_CLIENT)  # what is accepted in bulk has been seen by nobody


def unlabelled_of(project_id: int) -> tuple[np.ndarray, list[str]]:
    """Returns (N,) ids in ascending order and the SHA-256s of unlabelled images; of more than 200,000 it draws some."""
    query = select(Image.id, Image.blob_sha).where(Image.project_id == project_id, Image.state == INBOX)
    with reading() as session:
        rows = session.execute(query.order_by(Image.id)).all()
    image_ids = np.array([row.id for row in rows], np.int64)
    chosen = np.sort(_draw(image_ids, np.arange(len(rows)), MOST_UNLABELLED))
    return image_ids[chosen], [rows[row].blob_sha for row in chosen.tolist()]


def _draw(image_ids: np.ndarray, rows: np.ndarray, most: int) -> np.ndarray:
    if len(rows) <= most:
        return rows
    lots = image_ids[rows].astype(np.uint64) * _SCATTER
    return rows[np.argsort(lots, kind="stable")[:most]]
