"""The tables of writing back: which file of somebody's folder an image came from, and what was moved there."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curate.catalog.tables.core import Base, now


class SourceFile(Base):
    """A file of an imported folder and the image it shows. `folder` is its root, `path` the way from there, as the file
    system has them; size and time are those of when it was read, or last moved by us.

    `label_id`: in whose folder it lies; `label_at`: which part of the path that folder is (0 = the first; the
    last part, the file itself, while it lies in no label's);
    `home_path`: where it lay before it was put into quarantine, None = it lies in the tree.
    """

    __tablename__ = "source_file"
    __table_args__ = (UniqueConstraint("project_id", "folder", "path"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    folder: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"), index=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    label_at: Mapped[int]
    n_bytes: Mapped[int]
    mtime_ns: Mapped[int]
    home_path: Mapped[str | None] = mapped_column(Text)


class WriteBack(Base):
    """One writing back to a folder: what a version asks for, planned first, then done, then perhaps undone.

    `state`: looking → planned → writing → written → undoing → undone, or planned → dropped. `counts`: what the plan
    holds, for the screen; `made`: folders that did not exist before, which undoing removes when they are empty.
    """

    __tablename__ = "write_back"
    __table_args__ = (Index("ix_write_back_project", "project_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    folder: Mapped[str] = mapped_column(Text)
    version_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="looking")
    author: Mapped[str] = mapped_column(String(300))
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    made: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class WriteBackFile(Base):
    """One file of a write-back, which is the journal: planned before anything moves, marked once it has.

    `kind`: move | delete (into quarantine). `state`: waits → done → back (undone); left = not touched, stuck = not
    brought back; both with `why`.
    """

    __tablename__ = "write_back_file"
    __table_args__ = (
        Index("ix_write_back_file_list", "write_back_id", "id"),
        Index("ix_write_back_file_state", "write_back_id", "state", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    write_back_id: Mapped[int] = mapped_column(ForeignKey("write_back.id"))
    source_file_id: Mapped[int] = mapped_column(ForeignKey("source_file.id"))
    kind: Mapped[str] = mapped_column(String(6))
    source: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    old_label_id: Mapped[int]
    new_label_id: Mapped[int]
    n_bytes: Mapped[int]
    mtime_ns: Mapped[int]
    sha: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(5))
    why: Mapped[str | None] = mapped_column(Text)
