"""Tokens of the API: made once, stored as a hash only, checked at every request, revoked for good."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import select, update

from curate.catalog.database import reading, writing
from curate.catalog.projects import clean_name
from curate.catalog.tables.access import ApiToken
from curate.catalog.tables.core import now
from curate.errors import BadInput, NotFound

PREFIX = "curate_"  # so that scanners for leaked secrets can name a token
HINT_CHARACTERS = len(PREFIX) + 4
SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "read": "Look at projects, pictures, runs and jobs",
        "predict": "Ask a model about pictures",
        "review": "Decide on pictures",
        "manage": "Add pictures, apply, train, cancel jobs",
    }
)
_TOUCH_AFTER = timedelta(minutes=1)  # a write at every request would be the dearest part of most of them


@dataclass(frozen=True)
class TokenRow:
    """A token as lists show it; `hint`: its first characters."""

    id: int
    name: str
    owner: str
    scopes: tuple[str, ...]
    hint: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def create_token(name: str, owner: str, scopes: Iterable[str]) -> str:
    """Returns a new token, which cannot be read again later. Raises BadInput."""
    chosen = [scope for scope in SCOPES if scope in set(scopes)]
    if not chosen or set(scopes) - set(SCOPES):
        raise BadInput(f"A token has at least one scope of {', '.join(SCOPES)}.")
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        name=clean_name(name, "token"), owner=clean_name(owner, "reviewer"), scopes=chosen, digest=_digest(token),
        hint=token[:HINT_CHARACTERS],
    )  # fmt: skip
    with writing() as session:
        session.add(row)
    return token


def list_tokens() -> list[TokenRow]:
    """Returns all tokens, newest first; revoked ones stay in the list."""
    with reading() as session:
        return [_row(token) for token in session.scalars(select(ApiToken).order_by(ApiToken.id.desc()))]


def revoke(token_id: int) -> None:
    """Make a token useless from now on. Raises NotFound; one that is revoked already stays as it is."""
    with writing() as session:
        token = session.get(ApiToken, token_id)
        if token is None:
            raise NotFound(f"There is no token {token_id}.", "List them with `curate token list`.")
        token.revoked_at = token.revoked_at or now()


def find_token(token: str) -> TokenRow | None:
    """Returns the token that may be used with this text, None for an unknown or revoked one; notes the use."""
    with reading() as session:
        match = session.scalar(select(ApiToken).where(ApiToken.digest == _digest(token)))
    if match is None or match.revoked_at is not None:
        return None
    if match.last_used_at is None or now() - match.last_used_at > _TOUCH_AFTER:
        with writing() as session:
            session.execute(update(ApiToken).where(ApiToken.id == match.id).values(last_used_at=now()))
    return _row(match)


def _digest(token: str) -> str:
    """Returns the SHA-256, which is enough for 256 random bits: nobody can try them all."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _row(token: ApiToken) -> TokenRow:
    return TokenRow(
        token.id, token.name, token.owner, tuple(token.scopes), token.hint, token.created_at, token.last_used_at,
        token.revoked_at,
    )  # fmt: skip
