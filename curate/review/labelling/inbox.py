"""The unlabelled images of a project, as columns of ids: a million of them cost a page some milliseconds.

Which images are unlabelled changes with versions only, so their ids are read once per version and kept. The decisions
that wait are few, and are read anew for each page.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sqlalchemy import select

from curate import settings
from curate.catalog.database import reading
from curate.catalog.tables.core import INBOX, Image
from curate.catalog.versions import head_id


@dataclass(frozen=True)
class Inbox:
    """image_ids: (N,) unlabelled images in ascending order.  is_decided: (N,) whether a decision on it waits."""

    image_ids: np.ndarray
    is_decided: np.ndarray

    @property
    def n_decided(self) -> int:
        """Images with a decision that waits."""
        return int(self.is_decided.sum())


def of_project(project_id: int) -> Inbox:
    """Returns the unlabelled images as they are now."""
    image_ids = _image_ids(settings.database_url(), project_id, head_id(project_id))
    # Without a condition on the state, which made SQLite read a million rows; images that have a label drop out below.
    query = select(Image.id).where(Image.project_id == project_id, Image.decision.is_not(None))
    with reading() as session:
        decided = np.array(session.scalars(query).all(), np.int64)
    is_decided = np.zeros(len(image_ids), bool)
    is_decided[rows_of(image_ids, decided)] = True
    return Inbox(image_ids, is_decided)


def rows_of(image_ids: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Returns the rows of those of `some` that are among `image_ids`, which are in ascending order."""
    if not len(image_ids):
        return np.empty(0, np.int64)
    rows = np.searchsorted(image_ids, some).clip(max=len(image_ids) - 1)
    return rows[image_ids[rows] == some]


@lru_cache(maxsize=8)  # 8 MB for a million images
def _image_ids(_database: str, project_id: int, _version_id: int) -> np.ndarray:
    query = select(Image.id).where(Image.project_id == project_id, Image.state == INBOX)
    with reading() as session:
        return np.sort(np.fromiter(session.scalars(query), np.int64))
