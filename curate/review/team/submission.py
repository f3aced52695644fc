"""A reviewer's answers in a session, as the browser sends them."""

from dataclasses import dataclass

from curate.review.deciding.decisions import Op


@dataclass(frozen=True)
class Submission:
    """Operations of one reviewer in a session, numbered by the client that sends them."""

    session_id: int
    reviewer: str
    ops: list[Op]
    client: str
