"""The table of API tokens: who may ask the server by program."""

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from curate.catalog.tables.core import Base, now


class ApiToken(Base):
    """A token of the API. The token itself is shown once, when it is made, and stored as its SHA-256 only.

    owner: the reviewer whose name stands beside what the token does. scopes: of `api_tokens.SCOPES`. hint: the token's
    first characters, by which its owner recognises it. last_used_at: to the minute.
    """

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    owner: Mapped[str] = mapped_column(String(300))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
