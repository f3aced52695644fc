"""The tables of gathering: requests, the addresses that searches returned, and linked files."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curate.catalog.tables.core import Base, now


class Gathering(Base):
    """One request to gather pictures. `limits`: those of the downloader."""

    __tablename__ = "gathering"
    __table_args__ = (Index("ix_gathering_project", "project_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    title: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(300))
    limits: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    status: Mapped[str] = mapped_column(String(8), default="draft")  # draft (only looked at) | open | done
    round: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Search(Base):
    """A search row of a gathering: `n_wanted` pictures of `label`, searched with `query` at `source`.

    cursor: where the source continues, None = at its beginning. note: a sentence on why fewer came.
    """

    __tablename__ = "wish"
    gathering_id: Mapped[int] = mapped_column(ForeignKey("gathering.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(300))
    query: Mapped[str] = mapped_column(Text)
    n_wanted: Mapped[int]
    source: Mapped[str] = mapped_column(String(20))
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    cursor: Mapped[int | None]
    is_exhausted: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None] = mapped_column(Text)


class Candidate(Base):
    """A search result of a row, in the order of its source, and its outcome.

    state: waiting → fetched (its picture is stored) → chosen (no duplicate) → kept (it is an image), or refused.
    reason: of a refusal, the same words for the same cause; detail: about this one. round: of the download, None =
    not yet. key: a digest that identifies the result, so that none is fetched twice. credit: title, creator, licence.
    """

    __tablename__ = "candidate"
    __table_args__ = (
        UniqueConstraint("gathering_id", "wish", "position"),
        Index("ix_candidate_state", "gathering_id", "state", "wish", "position"),
        Index("ix_candidate_round", "gathering_id", "round", "state", "wish", "position"),
        Index("ix_candidate_key", "key", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    gathering_id: Mapped[int] = mapped_column(ForeignKey("gathering.id"))
    search: Mapped[int] = mapped_column("wish")
    position: Mapped[int]
    url: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(32))
    credit: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    round: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)
    sha: Mapped[str | None] = mapped_column(String(64))


class LinkedFile(Base):
    """A picture that stays in its folder, as it was at the import; `sha`: of its bytes at that time.

    state: same | changed | missing, by the last comparison of size and time.
    """

    __tablename__ = "linked_file"
    __table_args__ = (
        UniqueConstraint("project_id", "path"),
        Index("ix_linked_file_state", "project_id", "state", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    folder: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    sha: Mapped[str] = mapped_column(String(64), index=True)
    n_bytes: Mapped[int]
    mtime_ns: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="same")
