"""Exports of a project's pictures and labels: which version, format and place, and how they ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from curate.catalog.database import reading, writing
from curate.catalog.tables.core import Job, Version, now
from curate.catalog.tables.exports import DataExport
from curate.errors import NotFound


@dataclass(frozen=True)
class ExportRow:
    """An export as lists show it; `path` None = below CURATE_HOME. `status`: of its job, "done" once it is whole."""

    id: int
    project_id: int
    version_id: int
    version_number: int
    format: str
    path: str | None
    settings: dict[str, Any]
    author: str
    job_id: int | None
    created_at: datetime
    ended_at: datetime | None
    n_images: int
    n_bytes: int
    result: dict[str, Any]
    removed_at: datetime | None
    status: str


def add(
    project_id: int, version_id: int, format: str, path: str | None, settings: dict[str, Any], author: str
) -> ExportRow:
    """Store a new export that no job writes yet."""
    row = DataExport(
        project_id=project_id, version_id=version_id, format=format, path=path, settings=settings, author=author
    )
    with writing() as session:
        session.add(row)
    return find(row.id)


def find(export_id: int) -> ExportRow:
    """Returns the export with this id. Raises NotFound, also for one that was taken off the list."""
    with reading() as session:
        row = session.execute(_rows().where(DataExport.id == export_id)).first()
    if row is None:
        raise NotFound(f"There is no export {export_id} (any more).")
    return _row(*row)


def list_exports(project_id: int, limit: int = 50) -> list[ExportRow]:
    """Returns the project's exports, newest first."""
    query = _rows().where(DataExport.project_id == project_id).order_by(DataExport.id.desc()).limit(limit)
    with reading() as session:
        return [_row(*row) for row in session.execute(query)]


def take_up(export_id: int, job_id: int) -> None:
    """Record which job writes the export."""
    _update(export_id, job_id=job_id, ended_at=None)


def finish(export_id: int, n_images: int, n_bytes: int, result: dict[str, Any]) -> None:
    """Record that the export is whole."""
    _update(export_id, ended_at=now(), n_images=n_images, n_bytes=n_bytes, result=result)


def remove(export_id: int) -> None:
    """Take the export off the list; its files are not touched."""
    _update(export_id, removed_at=now())


def _update(export_id: int, **values: Any) -> None:
    with writing() as session:
        session.execute(update(DataExport).where(DataExport.id == export_id).values(**values))


def _rows() -> Any:
    return (
        select(DataExport, Version.number, Job.status)
        .outerjoin(Version, Version.id == DataExport.version_id)
        .outerjoin(Job, Job.id == DataExport.job_id)
        .where(DataExport.removed_at.is_(None))
    )


def _row(row: DataExport, number: int | None, job_status: str | None) -> ExportRow:
    stored = {name: getattr(row, name) for name in ExportRow.__dataclass_fields__ if hasattr(row, name)}
    return ExportRow(**stored, version_number=number or 0, status="done" if row.ended_at else job_status or "queued")
