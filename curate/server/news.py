"""What changed in a project since somebody last asked, looked up once for several who ask at the same moment.

In a review session people hear of the pictures they were given, and of no others: with everything, fifty people who
decide on two pictures a second each would be told 5,000 changes a second, and twice as many four times that.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from curate.catalog.database import reading
from curate.catalog.tables.team import SessionClaim, SessionMember
from curate.catalog.versions import batches
from curate.review.deciding.decisions import Change, changes_since
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
        self._theirs = _told(self._changes)

    def of(self, listener: Listener) -> dict[str, Any]:
        """`revision`, `changes`, `more` and `version` as `curate.server.decisions` answers them."""
        changes, theirs = self._changes, self._theirs
        if listener.since < self._from:  # far behind the others
            changes, _ = changes_since(self._project_id, listener.since, MOST)
            theirs = _told(changes)
        told = theirs.get((listener.session_id, listener.reviewer), ())
        return {
            "revision": max(listener.since, changes[-1].revision if changes else 0),
            "changes": [change_fields(change) for change in told if change.revision > listener.since],
            "more": len(changes) == MOST,
            "version": self._version,
        }


# By the image, of which few were given the same: by the members it would be all of theirs, for each of the images.
_GIVEN = (
    select(SessionClaim.image_id, SessionMember.session_id, SessionMember.reviewer)
    .join(SessionMember, SessionMember.id == SessionClaim.member_id)
    .where(SessionClaim.image_id.in_(bindparam("images", expanding=True)))
    .distinct()  # a picture that came back to somebody was given to them twice
)


def _told(changes: Sequence[Change]) -> dict[tuple[int, str], list[Change]]:
    """{(session, reviewer): those of the changes that are about images they were given, in their order}"""
    given: dict[int, list[tuple[int, str]]] = defaultdict(list)
    with reading() as session:
        for batch in batches(sorted({change.image_id for change in changes})):
            for image_id, session_id, reviewer in session.execute(_GIVEN, {"images": batch}):
                given[image_id].append((session_id, reviewer))
    found: dict[tuple[int, str], list[Change]] = defaultdict(list)
    for change in changes:
        for member in given[change.image_id]:
            found[member].append(change)
    return found
