"""What somebody says in a session, as it comes in."""

from dataclasses import dataclass

from curate.review.deciding.decisions import Op


@dataclass(frozen=True)
class Saying:
    """What a reviewer says in a session, numbered by the client that sends it."""

    session_id: int
    reviewer: str
    ops: list[Op]
    client: str
