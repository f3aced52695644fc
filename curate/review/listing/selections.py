"""Selections: images chosen by hand, such as with a lasso on the map, stored so that a link shows them to anybody.

    picked_id = selections.keep(project_id, image_ids, "Lasso on the map", reviewer)
    navigation.go("curate", {"run": run_id, "picked": picked_id})      # the grid shows these images only

A `View` with `picked_id` shows them in any order and under any other filter.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from curate.catalog.database import reading, writing
from curate.catalog.projects import clean_name
from curate.catalog.tables.views import Picked
from curate.errors import BadInput, NotFound

MOST = 10_000_000  # images; 8 bytes each


@dataclass(frozen=True)
class Selection:
    """A selection without its ids.  title: where it was made.  n: images."""

    id: int
    project_id: int
    title: str
    author: str
    n: int


def keep(project_id: int, image_ids: "np.ndarray | list[int]", title: str, author: str) -> int:
    """Store a selection; returns its id, the same for the same images.

    Raises BadInput when there are none, or more than `MOST`.
    """
    ids = np.unique(np.asarray(image_ids, np.int64))
    if not 1 <= len(ids) <= MOST:
        raise BadInput(f"Between 1 and {MOST:,} images can be picked, not {len(ids):,}.")
    stored = ids.astype("<i8").tobytes()
    digest = hashlib.sha256(stored).hexdigest()
    with writing(project_id) as session:
        known = session.scalar(select(Picked.id).where(Picked.project_id == project_id, Picked.digest == digest))
        if known is not None:
            return known
        row = Picked(
            project_id=project_id, title=title.strip()[:300], author=clean_name(author, "reviewer"), n=len(ids),
            digest=digest, image_ids=stored,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def find(picked_id: int) -> Selection:
    """Returns the selection with that id. Raises NotFound."""
    columns = (Picked.id, Picked.project_id, Picked.title, Picked.author, Picked.n)
    with reading() as session:
        row = session.execute(select(*columns).where(Picked.id == picked_id)).first()
    if row is None:
        raise NotFound(f"Nothing was picked under the number {picked_id}.", "The link may be of another installation.")
    return Selection(*row)


def image_ids(picked_id: int) -> np.ndarray:
    """Returns the (K,) int64 image ids of a selection, ascending. Raises NotFound."""
    with reading() as session:
        stored = session.scalar(select(Picked.image_ids).where(Picked.id == picked_id))
    if stored is None:
        raise NotFound(f"Nothing was picked under the number {picked_id}.", "The link may be of another installation.")
    return np.frombuffer(stored, "<i8").astype(np.int64)


def is_kept(project_id: int, picked_id: int) -> bool:
    """Whether the project has a selection with that id."""
    with reading() as session:
        return session.scalar(select(Picked.project_id).where(Picked.id == picked_id)) == project_id
