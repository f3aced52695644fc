"""Versions: immutable states of a project's labels, each made from the one before in one transaction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from curate.catalog.database import reading
from curate.catalog.tables.core import INBOX, Image, Project, Version, VersionChange
from curate.errors import NotFound

BATCH = 500  # rows a statement; SQLite allows 32,766 bound values


@dataclass(frozen=True)
class VersionRow:
    """A version as History shows it; `counts` is {label id: {"train": n, "valid": n}} of active images."""

    id: int
    number: int
    kind: str
    message: str
    author: str
    created_at: datetime
    summary: dict[str, Any]
    counts: dict[str, dict[str, int]]
    is_head: bool

    @property
    def n_unlabelled(self) -> int:
        """Images without a label."""
        return int(self.summary.get("unlabelled", 0))


def batches(items: list[Any], size: int = BATCH) -> Iterator[list[Any]]:
    """Yields `items` in lists of at most `size`, in order."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def list_versions(project_id: int) -> list[VersionRow]:
    """Returns all versions, newest first."""
    with reading() as session:
        head = session.get_one(Project, project_id).head_version_id
        rows = session.scalars(
            select(Version).where(Version.project_id == project_id).order_by(Version.number.desc())
        ).all()
    return [_row(version, head) for version in rows]


def find_version(project_id: int, number: int) -> VersionRow:
    """Returns the version of that number. Raises NotFound."""
    with reading() as session:
        head = session.get_one(Project, project_id).head_version_id
        version = session.scalar(select(Version).where(Version.project_id == project_id, Version.number == number))
    if version is None:
        raise NotFound(f"The project has no version {number}.")
    return _row(version, head)


def begin_version(session: Session, project_id: int, kind: str, message: str, author: str) -> Version:
    """Returns the next version, not yet the head: record its changes, then call `finish_version`.

    Use a session of `writing(project_id)`, so that two people who apply at once make two versions in order.
    """
    session.execute(select(Project.id).where(Project.id == project_id)).one()
    number = session.scalar(select(func.max(Version.number)).where(Version.project_id == project_id)) or 0
    version = Version(project_id=project_id, number=number + 1, kind=kind, message=message, author=author)
    session.add(version)
    session.flush()
    return version


def finish_version(session: Session, version: Version, summary: dict[str, Any]) -> None:
    """Make `version` the head, with counts of the images as they are now; the unlabelled ones are in its summary."""
    session.flush()
    counts: dict[str, dict[str, int]] = {}
    rows = session.execute(
        select(Image.label_id, Image.split, func.count())
        .where(Image.project_id == version.project_id, Image.state == "active")
        .group_by(Image.label_id, Image.split)
    )
    for label_id, split, n in rows:
        counts.setdefault(str(label_id), {})[split] = n
    query = select(func.count()).where(Image.project_id == version.project_id, Image.state == INBOX)
    n_unlabelled = session.scalar(query) or 0
    version.counts = counts
    version.summary = summary | ({"unlabelled": n_unlabelled} if n_unlabelled else {})
    session.execute(update(Project).where(Project.id == version.project_id).values(head_version_id=version.id))


def record_changes(session: Session, version: Version, changes: Iterable[dict[str, Any]]) -> None:
    """Store `changes` (VersionChange columns without version_id) and update the images."""
    rows = [{"version_id": version.id, **change} for change in changes]
    for batch in batches(rows):
        session.execute(insert(VersionChange), batch)
        moved = [
            {"id": row["image_id"], "label_id": row["new_label_id"], "state": row["new_state"]}
            for row in batch
            if (row["new_label_id"], row["new_state"]) != (row["old_label_id"], row["old_state"])
        ]
        if moved:
            session.execute(update(Image), moved)


def head_version_id(session: Session, project_id: int) -> int | None:
    """Returns the id of the project's present version; None before the first import."""
    return session.scalar(select(Project.head_version_id).where(Project.id == project_id))


def _row(version: Version, head: int | None) -> VersionRow:
    return VersionRow(
        version.id, version.number, version.kind, version.message, version.author, version.created_at,
        version.summary, version.counts, version.id == head,
    )  # fmt: skip


def head_id(project_id: int) -> int:
    """Returns the id of the project's head version, which grows with each apply; 0 = none yet."""
    with reading() as session:
        return head_version_id(session, project_id) or 0
