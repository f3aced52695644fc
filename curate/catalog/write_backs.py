"""Write-backs and their journal: planned files, moved files, and files left alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from curate.catalog.database import reading, writing
from curate.catalog.tables.core import Project, Version
from curate.catalog.tables.write_back import SourceFile, WriteBack, WriteBackFile
from curate.catalog.versions import batches
from curate.errors import Conflict, NotFound

HALF_WAY = ("writing", "undoing")


@dataclass(frozen=True)
class WriteBackRow:
    """A write-back as the screen shows it; `catalog.tables.write_back` describes `state` and `counts`."""

    id: int
    project_id: int
    folder: str
    version_id: int
    version_number: int
    state: str
    author: str
    counts: dict[str, Any]
    made: list[str]
    created_at: datetime
    ended_at: datetime | None

    @property
    def is_half_way(self) -> bool:
        """Whether some files were moved and others are still to be."""
        return self.state in HALF_WAY


@dataclass(frozen=True)
class FileRow:
    """One file of a write-back; paths are relative to its folder."""

    id: int
    source_file_id: int
    kind: str
    source: str
    target: str
    old_label_id: int
    new_label_id: int
    n_bytes: int
    mtime_ns: int
    sha: str
    state: str
    why: str | None


@dataclass(frozen=True)
class Outcome:
    """The result for a file: its new `state` and place, its home if it left the tree (None = it is in the tree),

    the label of its folder, and why it was not moved.
    """

    row: FileRow
    state: str
    path: str
    home_path: str | None
    label_id: int
    why: str | None = None


def begin(project_id: int, folder: str, author: str) -> int:
    """Store a new write-back to be planned; returns its id. Plans that were not carried out are dropped.

    Raises NotFound, and Conflict while another is half-way.
    """
    with writing(project_id) as session:
        version_id = session.scalar(select(Project.head_version_id).where(Project.id == project_id))
        if version_id is None:
            raise NotFound("The project has no pictures.")
        mine = WriteBack.project_id == project_id
        if session.scalar(select(WriteBack.id).where(mine, WriteBack.state.in_(HALF_WAY)).limit(1)):
            raise Conflict("A write-back stands half-way.", "Go on with it, or roll it back, first.")
        unused = select(WriteBack.id).where(mine, WriteBack.state.in_(("looking", "planned")))
        session.execute(delete(WriteBackFile).where(WriteBackFile.write_back_id.in_(unused)))
        session.execute(update(WriteBack).where(WriteBack.id.in_(unused)).values(state="dropped"))
        row = WriteBack(project_id=project_id, folder=folder, version_id=version_id, author=author)
        session.add(row)
    return row.id


def find(write_back_id: int) -> WriteBackRow:
    """Returns the write-back with this id. Raises NotFound."""
    with reading() as session:
        row = session.execute(_rows().where(WriteBack.id == write_back_id)).first()
    if row is None:
        raise NotFound(f"There is no write-back {write_back_id}.")
    return _row(*row)


def list_all(project_id: int, limit: int = 50) -> list[WriteBackRow]:
    """Returns the project's write-backs, newest first, without dropped plans."""
    query = _rows().where(WriteBack.project_id == project_id, WriteBack.state != "dropped")
    with reading() as session:
        return [_row(*row) for row in session.execute(query.order_by(WriteBack.id.desc()).limit(limit))]


def change_state(write_back_id: int, old: tuple[str, ...], new: str, **values: Any) -> bool:
    """Change the state from one of `old` to `new`, with other columns; False for another state."""
    statement = update(WriteBack).where(WriteBack.id == write_back_id, WriteBack.state.in_(old))
    with writing() as session:
        return bool(session.execute(statement.values(state=new, **values)).rowcount)  # type: ignore[attr-defined]


def head_version_id(project_id: int) -> int | None:
    """Returns the project's present version."""
    with reading() as session:
        return session.scalar(select(Project.head_version_id).where(Project.id == project_id))


def later_than(row: WriteBackRow) -> int | None:
    """Returns a newer write-back to the same folder with moved files that was not undone, or None."""
    moved = WriteBack.state.in_((*HALF_WAY, "written"))
    query = select(WriteBack.id).where(WriteBack.project_id == row.project_id, WriteBack.folder == row.folder, moved)
    with reading() as session:
        return session.scalar(query.where(WriteBack.id > row.id).limit(1))


def clear_files(write_back_id: int) -> None:
    """Drop the planned files; the planning starts again."""
    with writing() as session:
        session.execute(delete(WriteBackFile).where(WriteBackFile.write_back_id == write_back_id))


def add_files(write_back_id: int, rows: list[dict[str, Any]]) -> None:
    """Store planned files (columns of WriteBackFile without its ids)."""
    with writing() as session:
        for batch in batches([{"write_back_id": write_back_id, **row} for row in rows]):
            session.execute(insert(WriteBackFile), batch)


def files(write_back_id: int, states: tuple[str, ...] = (), after: int = 0, limit: int = 200) -> list[FileRow]:
    """Returns its files after the one with that id, in the order of the plan."""
    query = select(WriteBackFile).where(WriteBackFile.write_back_id == write_back_id, WriteBackFile.id > after)
    if states:
        query = query.where(WriteBackFile.state.in_(states))
    with reading() as session:
        return [_file(row) for row in session.scalars(query.order_by(WriteBackFile.id).limit(limit))]


def last_done(write_back_id: int, limit: int) -> list[FileRow]:
    """Returns the files moved last, the very last first: the order of an undo."""
    query = select(WriteBackFile).where(WriteBackFile.write_back_id == write_back_id, WriteBackFile.state == "done")
    with reading() as session:
        return [_file(row) for row in session.scalars(query.order_by(WriteBackFile.id.desc()).limit(limit))]


def count_states(write_back_id: int) -> dict[str, int]:
    """Returns {state: files}."""
    query = select(WriteBackFile.state, func.count()).where(WriteBackFile.write_back_id == write_back_id)
    with reading() as session:
        return {row[0]: row[1] for row in session.execute(query.group_by(WriteBackFile.state))}


def mark(outcomes: list[Outcome]) -> None:
    """Store the results and places of files in one transaction."""
    with writing() as session:
        for outcome in outcomes:
            _mark(session, outcome)


def _mark(session: Session, outcome: Outcome) -> None:
    row = outcome.row
    session.execute(
        update(WriteBackFile).where(WriteBackFile.id == row.id).values(state=outcome.state, why=outcome.why)
    )
    if outcome.state in ("done", "back"):
        moved = {"path": outcome.path, "home_path": outcome.home_path, "label_id": outcome.label_id}
        session.execute(update(SourceFile).where(SourceFile.id == row.source_file_id).values(**moved))


def _rows() -> Any:
    return select(WriteBack, Version.number).outerjoin(Version, Version.id == WriteBack.version_id)


def _row(row: WriteBack, version_number: int | None) -> WriteBackRow:
    return WriteBackRow(
        row.id, row.project_id, row.folder, row.version_id, version_number or 0, row.state, row.author,
        row.counts, [str(path) for path in row.made], row.created_at, row.ended_at,
    )  # fmt: skip


def _file(row: WriteBackFile) -> FileRow:
    return FileRow(**{name: getattr(row, name) for name in FileRow.__dataclass_fields__})
