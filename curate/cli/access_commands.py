"""Commands on the API's tokens: each takes its arguments, prints, and raises CurateError."""

from collections.abc import Sequence
from datetime import datetime

from curate import api_tokens
from curate.cli.terminal import print_line, print_note, print_table


def create_token(name: str, owner: str, scopes: Sequence[str]) -> None:
    """Print a new token on a line of its own, so that a script can take it."""
    token = api_tokens.create_token(name, owner, scopes)
    print_note("Keep it: it is not shown again.")
    print_line(token)


def list_tokens() -> None:
    """List all tokens, newest first."""
    rows = (
        (row.id, row.name, row.owner, " ".join(row.scopes), f"{row.hint}…", _day(row.created_at),
         _day(row.last_used_at), _day(row.revoked_at))
        for row in api_tokens.list_tokens()
    )  # fmt: skip
    print_table(("token", "name", "owner", "scopes", "begins with", "made", "last used", "revoked"), rows)


def revoke(number: int) -> None:
    """Revoke one token."""
    api_tokens.revoke(number)
    print_line(f"Token {number} is revoked.")


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
