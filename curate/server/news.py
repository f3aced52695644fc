"""What changed in a project since somebody last asked, looked up once for several who ask at the same moment."""

from collections.abc import Sequence
from typing import Any

from curate.catalog.versions import head_id
from curate.review.decisions import Change, changes_since
from curate.server.decisions import MAX_CHANGES, change_fields

_NEAR = 300  # revisions; who is further behind than the others is told by a look of their own


class News:
    """Of one project; `sinces`: the revisions that those who ask know up to."""

    def __init__(self, project_id: int, sinces: Sequence[int]) -> None:
        self._project_id = project_id
        self._from = min(since for since in sinces if since >= max(sinces) - _NEAR)
        self._changes = changes_since(project_id, self._from, MAX_CHANGES)
        self._fields = [change_fields(change) for change in self._changes]
        self._version = head_id(project_id)

    def since(self, since: int) -> dict[str, Any]:
        """`revision`, `changes`, `more` and `version` as `curate.server.decisions` answers them."""
        changes, fields = self._changes, self._fields
        if since < self._from:
            changes = changes_since(self._project_id, since, MAX_CHANGES)
            fields = [change_fields(change) for change in changes]
        first = _first_after(changes, since)
        return {
            "revision": changes[-1].revision if first < len(changes) else since,
            "changes": fields[first:],
            "more": len(changes) == MAX_CHANGES,
            "version": self._version,
        }


def _first_after(changes: Sequence[Change], since: int) -> int:
    """Place of the first change past that revision; changes are in order, and most are."""
    return next((i for i, change in enumerate(changes) if change.revision > since), len(changes))
