"""The table of exports: which version left, in which format, where to, and how much of it there was."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from curate.catalog.tables.core import Base, now


class DataExport(Base):
    """One export of a project's pictures and labels.

    `path`: the folder or file that was written, as the file system has it; None = below CURATE_HOME, for a download.
    `settings`: what goes along. `job_id`: the job that writes it, or wrote it last; `ended_at`: when it was whole.
    `result`: counts for the screen. `removed_at`: when somebody took it off the list.
    """

    __tablename__ = "data_export"
    __table_args__ = (Index("ix_data_export_project", "project_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    version_id: Mapped[int]
    format: Mapped[str] = mapped_column(String(20))
    path: Mapped[str | None] = mapped_column(Text)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    author: Mapped[str] = mapped_column(String(300))
    job_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    n_images: Mapped[int] = mapped_column(default=0)
    n_bytes: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    removed_at: Mapped[datetime | None]
