"""The quality of a project's pictures: measures per picture, issues per image, counts per project.

Measures belong to the picture (`Measure`, shared by all projects). Issues depend on the other images and belong to the
image (`Quality`). Each issue has an index, from which pages and counts are read.
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
    """A project's active and measured images, in id order.

    (N,) ids, (N,) roots of their pixels, (N,) greyness, (N,) 16-byte names of their pixels, (N, 5) measures in the
    order of `OF_PICTURE`, (N, 9) stored issues in the order of `ISSUES` (NaN = none).
    """

    image_ids: np.ndarray
    sizes: np.ndarray
    grey: np.ndarray
    pixels: np.ndarray
    measures: np.ndarray
    stored: np.ndarray


@dataclass(frozen=True)
class State:
    """The version whose quality is known (None = never measured), and {issue: images that have it}."""

    version_id: int | None
    paired_up_to: int
    counts: dict[str, int]


def column(issue: str) -> Any:
    """Returns the column of an issue (of `ISSUES`) to sort by, worst first. Join `Quality` on the image's id."""
    return getattr(Quality, issue)


def has_issue(project_id: Any, issue: str) -> list[ColumnElement[bool]]:
    """Returns the conditions on `Quality` that select a project's images with an issue by its index."""
    return [Quality.project_id == project_id, column(issue) > ISSUES[issue].threshold]


def unmeasured(project_id: int) -> Iterator[str]:
    """Yields the project's unmeasured pictures, each once, without erased ones."""
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
    """Returns the number of unmeasured pictures."""
    with reading() as session:
        return session.scalar(select(func.count()).select_from(_unmeasured(project_id).subquery())) or 0


def add_measures(rows: list[dict[str, Any]]) -> None:
    """Store measures of pictures (columns of `Measure`); existing ones stay."""
    with writing() as session:
        known = set(
            session.scalars(select(Measure.blob_sha).where(Measure.blob_sha.in_([row["blob_sha"] for row in rows])))
        )
        if fresh := [row for row in rows if row["blob_sha"] not in known]:
            session.execute(insert(Measure), fresh)


def looked(project_id: int) -> Looked:
    """Returns the data from which the project's issues are computed."""
    parts = [_arrays([]), *(_arrays(rows) for rows in _looked_pages(project_id))]
    return Looked(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def set_issues(project_id: int, measured: Looked, issues: np.ndarray) -> int:
    """Store new and changed issues; returns the number of images. issues: (N, 9), in the order of `ISSUES`."""
    is_new = np.isnan(measured.stored[:, 0])
    is_moved = ~is_new & (np.abs(issues - measured.stored) > SAME).any(axis=1)
    for rows in batches(np.flatnonzero(is_new).tolist(), WRITE):
        with writing() as session:
            session.execute(
                insert(Quality), [{"project_id": project_id, **_issue_row(measured, issues, row)} for row in rows]
            )
    for rows in batches(np.flatnonzero(is_moved).tolist(), WRITE):
        with writing() as session:
            session.execute(update(Quality), [_issue_row(measured, issues, row) for row in rows])
    return int(is_new.sum() + is_moved.sum())


def state(project_id: int) -> State:
    """Returns the state of the project's quality."""
    with reading() as session:
        row = session.get(QualityState, project_id)
    return State(row.version_id, row.paired_up_to, row.counts) if row else State(None, 0, {})


def set_state(project_id: int, **values: Any) -> None:
    """Update the state of the project's quality: columns of `QualityState`."""
    with writing() as session:
        row = session.get(QualityState, project_id) or QualityState(project_id=project_id, counts={}, paired_up_to=0)
        session.add(row)
        for name, value in {**values, "updated_at": now()}.items():
            setattr(row, name, value)


def head_version_id(project_id: int) -> int | None:
    """Returns the project's present version; None before the first import."""
    with reading() as session:
        return session.scalar(select(Project.head_version_id).where(Project.id == project_id))


def is_behind(project_id: int) -> bool:
    """Whether the project's pictures or labels changed since the last quality job."""
    head = head_version_id(project_id)
    return head is not None and head != state(project_id).version_id


def count_issue(project_id: int, issue: str) -> int:
    """Returns the number of active images with that issue."""
    query = select(func.count()).select_from(Quality).join(Image, Image.id == Quality.image_id)
    with reading() as session:
        return session.scalar(query.where(*has_issue(project_id, issue), Image.state == "active")) or 0


def sharpness_of(shas: list[str]) -> dict[str, float]:
    """Returns {picture: sharpness in [0, 1], high is good} of those measured."""
    sharpness: dict[str, float] = {}
    with reading() as session:
        for batch in batches(shas):
            rows = session.execute(select(Measure.blob_sha, Measure.sharpness).where(Measure.blob_sha.in_(batch)))
            sharpness |= {row[0]: row[1] for row in rows}
    return sharpness


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


def _issue_row(measured: Looked, issues: np.ndarray, row: int) -> dict[str, Any]:
    values = dict(zip(ISSUES, issues[row].tolist(), strict=True))
    return {"image_id": int(measured.image_ids[row]), **values}
