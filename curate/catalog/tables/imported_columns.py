"""The table of columns that people imported about their pictures, such as the camera or the place."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curate.catalog.tables.core import Base, now


class ImportedColumn(Base):
    """A column of a CSV file by file name; `by_file` is {file name in lower case: value}, values are texts."""

    __tablename__ = "imported_column"
    __table_args__ = (UniqueConstraint("project_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    name: Mapped[str] = mapped_column(String(300))
    by_file: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=now)
