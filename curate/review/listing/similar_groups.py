"""Similar images: near-duplicates, one picture under two labels, and copies on both sides of the split.

They change only with a version: computed once per version and cached, so a page costs the same at any size.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import func, select

from curate import settings
from curate.catalog.database import reading
from curate.catalog.tables.core import Image, Run, Version
from curate.catalog.versions import batches

MOST = 5_000  # images of a kind; after an apply the next ones follow

_Row = tuple[int, int | None, str, int, str]  # id, group, blob name, label, split


def find_similar(run_id: int, kind: str) -> tuple[int, ...]:
    """Returns at most `MOST` ids of active images in the run's project, members of a group side by side.

    kind: near (near-duplicates), same_picture (same bytes, several labels) or leaks (copies in both splits).
    """
    with reading() as session:
        project_id = session.scalar(select(Run.project_id).where(Run.id == run_id))
        newest = session.scalar(select(func.max(Version.id)).where(Version.project_id == project_id))
    return _find_groups(settings.database_url(), project_id or 0, newest or 0)[kind]


@lru_cache(maxsize=16)
def _find_groups(_database: str, project_id: int, _version_id: int) -> dict[str, tuple[int, ...]]:
    groups, copies = _grouped(project_id), _same_picture(project_id)
    return {
        "near": _members(groups),
        "same_picture": _members(rows for rows in copies if len({label_id for *_, label_id, _ in rows}) > 1),
        "leaks": _members(rows for rows in groups + copies if len({split for *_, split in rows}) > 1),
    }


def _members(groups: Iterable[list[_Row]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(row[0] for rows in groups for row in rows))[:MOST]


def _grouped(project_id: int) -> list[list[_Row]]:
    """Returns groups of near-duplicates with at least two active members."""
    query = _active(project_id).where(Image.group_id.is_not(None)).order_by(Image.group_id, Image.id)
    with reading() as session:
        rows = session.execute(query).all()
    return _several(rows, key=1)


def _same_picture(project_id: int) -> list[list[_Row]]:
    """Returns groups of active images with the same bytes; an index gives the repeated blobs."""
    repeated = (
        select(Image.blob_sha)
        .where(Image.project_id == project_id)
        .group_by(Image.blob_sha)
        .having(func.count() > 1)
        .order_by(Image.blob_sha)
        .limit(MOST)
    )
    rows: list[Any] = []
    with reading() as session:
        for batch in batches(list(session.scalars(repeated))):
            query = _active(project_id).where(Image.blob_sha.in_(batch)).order_by(Image.blob_sha, Image.id)
            rows += session.execute(query).all()
    return _several(rows, key=2)


def _several(rows: Any, key: int) -> list[list[_Row]]:
    groups = (list(members) for _, members in groupby(rows, key=lambda row: row[key]))
    return [members for members in groups if len(members) > 1]


def _active(project_id: int) -> Any:
    query = select(Image.id, Image.group_id, Image.blob_sha, Image.label_id, Image.split)
    return query.where(Image.project_id == project_id, Image.state == "active")
