"""The tables of gathering: what was asked for, every address that was found, and files left where they lie."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curate.catalog.tables.core import Base, now


class Gathering(Base):
    """What was asked to be gathered in one go. `limits` are the downloader's; `is_open`: it can be gone on with."""

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


class Wish(Base):
    """One row of a gathering: so many pictures of `label`, found with `query` by `source`. `cursor`: where its source
    goes on, None = at its beginning; `note`: why it brought fewer, in a sentence."""

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
    """An address that a wish's source found, in the source's order, and what became of it.

    state: waiting → fetched (its picture is stored) → chosen (no duplicate) → kept (it is an image), or refused, with
    `reason`, the same words for the same cause, and `detail`. `round`: when its turn came; None = not yet.
    `key`: a digest of what tells results apart, so that none is fetched twice. `credit`: title, creator, licence, ….
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
    wish: Mapped[int]
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
    """A picture left where it lies, as it was when it came in; `sha` is that of its bytes then.

    `state`: same | changed | missing, as the last look at its size and time found.
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
