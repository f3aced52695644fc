"""What is known of the quality of a project's pictures: measures by picture, issues by image, counts by project.

Measures belong to the picture (`Measure`, once over all projects); what is odd among others, and whose duplicate it is,
belongs to the image (`Quality`). Each issue has an index, so that pages and counts come straight off it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, func, insert, select, update

from curate.catalog.database import reading, writing
from curate.catalog.tables.core import Blob, Image, Project, now
from curate.catalog.tables.quality import Measure, Quality, QualityState
from curate.catalog.versions import batches
from curate.quality.issues import ISSUES, OF_PICTURE

PAGE = 20_000  # rows read at a time
WRITE = 2_000  # rows written in one transaction: decisions of others wait a tenth of a second at most
SAME = 0.005  # what a measure may move before it is written again


@dataclass(frozen=True)
class Looked:
    """A project's active and measured images, in id order: (N,) ids, (N,) roots of their pixels, (N,) greyness, (N,)
    16-byte names of their pixels, (N, 5) measures in the order of `OF_PICTURE`, (N, 9) issues as they are stored now in
    the order of `ISSUES` (NaN where none are)."""

    image_ids: np.ndarray
    sizes: np.ndarray
    grey: np.ndarray
    pixels: np.ndarray
    measures: np.ndarray
    stored: np.ndarray


@dataclass(frozen=True)
class State:
    """As of which version the quality of a project is known (None = never), and {issue: images that have it}."""

    version_id: int | None
    paired_up_to: int
    counts: dict[str, int]


def column(issue: str) -> Any:
    """The measure of an issue, to sort by from the worst: `ISSUES` names them. Join `Quality` on the image's id."""
    return getattr(Quality, issue)


def has_issue(project_id: Any, issue: str) -> list[ColumnElement[bool]]:
    """The conditions on `Quality` that pick a project's images with that issue off its index."""
    return [Quality.project_id == project_id, column(issue) > ISSUES[issue].threshold]


def unmeasured(project_id: int) -> Iterator[str]:
    """Names of the project's pictures that nobody has looked at yet, each once; erased ones are left out."""
    last = ""
    while True:
        with reading() as session:
            shas = session.scalars(
                _unmeasured(project_id).where(Image.blob_sha > last).order_by(Image.blob_sha).limit(PAGE)
            ).all()
        if not shas:
            return
        yield from shas
        last = shas[-1]


def n_unmeasured(project_id: int) -> int:
    """How many pictures `unmeasured` will give."""
    with reading() as session:
        return session.scalar(select(func.count()).select_from(_unmeasured(project_id).subquery())) or 0


def add_measures(rows: list[dict[str, Any]]) -> None:
    """Store looks at pictures (columns of `Measure`); what somebody else stored meanwhile stays as it is."""
    with writing() as session:
        known = set(
            session.scalars(select(Measure.blob_sha).where(Measure.blob_sha.in_([row["blob_sha"] for row in rows])))
        )
        if fresh := [row for row in rows if row["blob_sha"] not in known]:
            session.execute(insert(Measure), fresh)


def looked(project_id: int) -> Looked:
    """What the project's issues are worked out from."""
    parts = [_arrays([]), *(_arrays(rows) for rows in _looked_pages(project_id))]
    return Looked(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def set_issues(project_id: int, found: Looked, issues: np.ndarray) -> int:
    """How many images' issues were written: those that are new or moved. issues: (N, 9), in the order of `ISSUES`."""
    is_new = np.isnan(found.stored[:, 0])
    is_moved = ~is_new & (np.abs(issues - found.stored) > SAME).any(axis=1)
    for rows in batches(np.flatnonzero(is_new).tolist(), WRITE):
        with writing() as session:
            session.execute(
                insert(Quality), [{"project_id": project_id, **_issue_row(found, issues, row)} for row in rows]
            )
    for rows in batches(np.flatnonzero(is_moved).tolist(), WRITE):
        with writing() as session:
            session.execute(update(Quality), [_issue_row(found, issues, row) for row in rows])
    return int(is_new.sum() + is_moved.sum())


def state(project_id: int) -> State:
    """How far the project's quality is known."""
    with reading() as session:
        row = session.get(QualityState, project_id)
    return State(row.version_id, row.paired_up_to, row.counts) if row else State(None, 0, {})


def set_state(project_id: int, **values: Any) -> None:
    """Remember how far the project's quality is known: columns of `QualityState`."""
    with writing() as session:
        row = session.get(QualityState, project_id) or QualityState(project_id=project_id, counts={}, paired_up_to=0)
        session.add(row)
        for name, value in {**values, "updated_at": now()}.items():
            setattr(row, name, value)


def head_version_id(project_id: int) -> int | None:
    """The project's present version; None before the first import."""
    with reading() as session:
        return session.scalar(select(Project.head_version_id).where(Project.id == project_id))


def is_behind(project_id: int) -> bool:
    """Whether the project's pictures or labels changed since its quality was last looked at."""
    head = head_version_id(project_id)
    return head is not None and head != state(project_id).version_id


def count_issue(project_id: int, issue: str) -> int:
    """How many active images have that issue now."""
    query = select(func.count()).select_from(Quality).join(Image, Image.id == Quality.image_id)
    with reading() as session:
        return session.scalar(query.where(*has_issue(project_id, issue), Image.state == "active")) or 0


def sharpness_of(shas: list[str]) -> dict[str, float]:
    """{picture: sharpness in [0, 1], high is good} of those that were looked at."""
    found: dict[str, float] = {}
    with reading() as session:
        for batch in batches(shas):
            rows = session.execute(select(Measure.blob_sha, Measure.sharpness).where(Measure.blob_sha.in_(batch)))
            found |= {row[0]: row[1] for row in rows}
    return found


def _unmeasured(project_id: int) -> Any:
    return (
        select(Image.blob_sha)
        .outerjoin(Measure, Measure.blob_sha == Image.blob_sha)
        .where(Image.project_id == project_id, Image.state != "erased", Measure.blob_sha.is_(None))
        .distinct()
    )


def _looked_pages(project_id: int) -> Iterator[Any]:
    measures = [getattr(Measure, name) for name in OF_PICTURE]
    query = (
        select(Image.id, Blob.width, Blob.height, Measure.grey, Measure.pixels, *measures, *map(column, ISSUES))
        .join(Blob, Blob.sha == Image.blob_sha)
        .join(Measure, Measure.blob_sha == Image.blob_sha)
        .outerjoin(Quality, Quality.image_id == Image.id)
        .where(Image.project_id == project_id, Image.state == "active")
        .order_by(Image.id)
        .limit(PAGE)
    )
    last = 0
    while True:
        with reading() as session:
            rows = session.execute(query.where(Image.id > last)).all()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _arrays(rows: Any) -> tuple[np.ndarray, ...]:
    n = len(OF_PICTURE)
    return (
        np.array([row[0] for row in rows], np.int64),
        np.sqrt(np.array([row[1] * row[2] for row in rows], np.float64)),
        np.array([row[3] for row in rows], np.float64),
        np.array([row[4] for row in rows], "S16"),
        np.array([row[5 : 5 + n] for row in rows], np.float64).reshape(-1, n),
        np.array([row[5 + n :] for row in rows], np.float64).reshape(-1, len(ISSUES)),
    )


def _issue_row(found: Looked, issues: np.ndarray, row: int) -> dict[str, Any]:
    values = dict(zip(ISSUES, issues[row].tolist(), strict=True))
    return {"image_id": int(found.image_ids[row]), **values}
