"""The tables of what people keep of their looking: named views, and pictures picked by hand."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curate.catalog.tables.core import Base, now


class SavedView(Base):
    """Filters and an order under a name, for everybody in the project; `view` is `View.to_json` without its run."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("project_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    name: Mapped[str] = mapped_column(String(300))
    author: Mapped[str] = mapped_column(String(300))
    view: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Picked(Base):
    """Images that somebody picked, and where (`title`); `image_ids` are ascending 64-bit numbers, `digest` theirs."""

    __tablename__ = "picked"
    __table_args__ = (UniqueConstraint("project_id", "digest"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    title: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(300))
    n: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    image_ids: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)
