"""The table of steps: what one action of a reviewer did, so that it can be undone and redone as one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curate.catalog.tables.core import Base, now


class Step(Base):
    """One action of a reviewer: a key on a selection, a bulk, a batch; its decisions carry `step_id`.

    key: the name that whoever acted gave it; the same key again adds to the step.  n_turns: how often it was undone and
    redone, so odd = undone now; decisions written by the t-th of them carry `turn` t.  turned_up_to: the last decision
    of the turn before that a turn under way has dealt with; None = no turn is under way.  turned_client, turned_seq:
    who asked for the last turn, so that asking twice is asking once.  outcome: what the last turn did, {"changed": n,
    "applied": n, "left": {reviewer: n}}.
    """

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("project_id", "reviewer", "key"),
        Index("ix_step_reviewer", "project_id", "reviewer", "id"),
        {"sqlite_autoincrement": True},  # ids are the order of what was done
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    reviewer: Mapped[str] = mapped_column(String(300))
    key: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(Text)
    n_images: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    n_turns: Mapped[int] = mapped_column(default=0)
    turned_up_to: Mapped[int | None]
    turned_client: Mapped[str | None] = mapped_column(String(64))
    turned_seq: Mapped[int | None]
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
