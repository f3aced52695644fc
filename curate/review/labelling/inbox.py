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
    query = select(Image.id).where(
        Image.project_id == project_id, Image.state == INBOX, Image.decision.in_(("keep", "delete", "relabel"))
    )
    with reading() as session:
        decided = np.array(session.scalars(query).all(), np.int64)
    is_decided = np.zeros(len(image_ids), bool)
    is_decided[np.searchsorted(image_ids, decided[np.isin(decided, image_ids)])] = True
    return Inbox(image_ids, is_decided)


@lru_cache(maxsize=8)  # 8 MB for a million images
def _image_ids(_database: str, project_id: int, _version_id: int) -> np.ndarray:
    query = select(Image.id).where(Image.project_id == project_id, Image.state == INBOX)
    with reading() as session:
        return np.sort(np.fromiter(session.scalars(query), np.int64))
