"""What changed in a project since somebody last asked, looked up once for several who ask at the same moment.

In a review session people hear of the pictures they were given, and of no others: with everything, fifty people who
decide on two pictures a second each would be told 5,000 changes a second, and twice as many four times that.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from curate.catalog.database import reading
from curate.catalog.team_models import SessionClaim, SessionMember
from curate.catalog.versions import batches
from curate.review.decisions import changes_since
from curate.server.decisions import change_fields

MOST = 2_000  # changes looked at in one go; who is further behind hears of the rest the next time


class Listener(NamedTuple):
    """A member of a session who knows everything up to revision `since`."""

    session_id: int
    reviewer: str
    since: int


class News:
    """Of one project, for those who ask together."""

    def __init__(self, project_id: int, listeners: Sequence[Listener]) -> None:
        newest = max(listener.since for listener in listeners)
        self._from = min(listener.since for listener in listeners if listener.since >= newest - MOST // 2)
        self._project_id = project_id
        self._changes, self._version = changes_since(project_id, self._from, MOST)
        self._theirs = _claimed(listeners, [change.image_id for change in self._changes])

    def of(self, listener: Listener) -> dict[str, Any]:
        """`revision`, `changes`, `more` and `version` as `curate.server.decisions` answers them."""
        changes, theirs = self._changes, self._theirs[listener.session_id, listener.reviewer]
        if listener.since < self._from:  # far behind the others
            changes, _ = changes_since(self._project_id, listener.since, MOST)
            theirs = _claimed([listener], [change.image_id for change in changes])[listener[:2]]
        return {
            "revision": max(listener.since, changes[-1].revision if changes else 0),
            "changes": [
                change_fields(change)
                for change in changes
                if change.image_id in theirs and change.revision > listener.since
            ],
            "more": len(changes) == MOST,
            "version": self._version,
        }


def _claimed(listeners: Sequence[Listener], image_ids: Sequence[int]) -> dict[tuple[int, str], set[int]]:
    """{(session, reviewer): those of the images that they were given}"""
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    query = (
        select(SessionMember.session_id, SessionMember.reviewer, SessionClaim.image_id)
        .join(SessionClaim, SessionClaim.member_id == SessionMember.id)
        .where(SessionMember.session_id.in_({listener.session_id for listener in listeners}))
        .where(SessionMember.reviewer.in_({listener.reviewer for listener in listeners}))
    )
    with reading() as session:
        for batch in batches(sorted(set(image_ids))):
            for session_id, reviewer, image_id in session.execute(query.where(SessionClaim.image_id.in_(batch))):
                found[session_id, reviewer].add(image_id)
    return found
