"""Which images of a run a view shows, and in which order: worked out on columns, exact, and kept while nothing changes.

A million images take some 2 ms after a decision; the first look at a view, and a jump to any page, 5 to 60.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from sqlalchemy import select

from curate import settings
from curate.catalog.database import reading
from curate.catalog.quality import column, has_issue
from curate.catalog.tables.quality import Quality, QualityState
from curate.review.listing import decision_columns, score_columns, selections
from curate.review.listing.decision_columns import ACTIONS, Marks
from curate.review.listing.score_columns import NONE, Columns
from curate.review.listing.similar_groups import find_kin
from curate.review.listing.views import View

CHUNK = 2_048  # places looked at first: a page and its next one where most match


@dataclass(frozen=True)
class Matching:
    """The images of a view.

    order: (K,) rows of the run's columns in the view's order, all that the order itself holds (a sort by blur holds
    only measured ones); it does not change while people decide.  is_in: (N,) bool, which rows match.  n: how many.
    n_all, n_reviewed: of the view without its own `reviewed` and `decided_by`.  in_turn: the labels that a view with
    one label after the other goes through, reviewed or not; else empty.
    """

    known: Columns
    order: np.ndarray
    is_in: np.ndarray
    n: int
    n_all: int
    n_reviewed: int
    in_turn: list[int]

    @cached_property
    def places(self) -> np.ndarray:
        """(n,) places in `order` of all that match, ascending."""
        return np.flatnonzero(self.is_in[self.order]).astype(np.int32)

    def after(self, place: int, size: int) -> tuple[np.ndarray, int | None]:
        """(ids of the next images after a place, -1 = the beginning; the last one's place, None when none follow).

        Looks at no more of the order than it must.
        """
        found = np.zeros(0, np.int32)
        for places in self._from(place + 1):
            found = np.concatenate([found, places])
            if len(found) > size:
                break
        return self._ids(found[:size]), int(found[size - 1]) if len(found) > size else None

    def number(self, start: int, size: int) -> tuple[np.ndarray, int | None]:
        """What `after` gives, of images number `start` (from 0) and on."""
        if start == 0:
            return self.after(-1, size)
        chosen = self.places[start : start + size]
        return self._ids(chosen), int(chosen[-1]) if len(chosen) and start + size < self.n else None

    def first_of(self, labels: list[int], n: int) -> np.ndarray:
        """Ids of the first n of each of these labels that match, one label after the other."""
        found: dict[int, list[np.ndarray]] = {label: [] for label in labels}
        for places in self._from(0):
            rows = self.order[places]
            of_label = self.known.labels[rows]
            for label, parts in found.items():
                parts.append(rows[of_label == label])
            if all(sum(map(len, parts)) >= n for parts in found.values()):
                break
        chosen = [np.concatenate([self.order[:0], *parts])[:n] for parts in found.values()]
        return self.known.image_ids[np.concatenate([self.order[:0], *chosen])]

    def rows(self) -> np.ndarray:
        """(n,) rows in the columns of all that match, in the view's order."""
        return self.order[self.places]

    def image_ids(self) -> np.ndarray:
        """(n,) ids of all that match, in the view's order."""
        return self._ids(self.places)

    def _ids(self, places: np.ndarray) -> np.ndarray:
        return self.known.image_ids[self.order[places]]

    def _from(self, start: int) -> Iterator[np.ndarray]:
        """Places of what matches from a place on, in pieces that grow."""
        length = CHUNK
        while start < len(self.order):
            is_in = self.is_in[self.order[start : start + length]]
            yield np.flatnonzero(is_in).astype(np.int32) + np.int32(start)
            start, length = start + length, 2 * length


def matching(view: View) -> Matching:
    """What the view shows now. Raises BadInput, and NotFound for pictures that were picked nowhere."""
    view = view.checked()
    said = decision_columns.of_run(view.run_id)
    return _match(settings.database_url(), view, said.state, _looked_at(view))


def _looked_at(view: View) -> Any:
    """When the project's quality was looked at, where the view depends on it."""
    if view.quality is None and view.order.issue is None:
        return None
    project_id = score_columns.of_run(view.run_id).project_id
    with reading() as session:
        return session.scalar(select(QualityState.updated_at).where(QualityState.project_id == project_id))


@lru_cache(maxsize=6)  # 1 MB each at a million images, after a jump to a page 5
def _match(database: str, view: View, state: tuple[int, int], looked_at: Any) -> Matching:
    said = decision_columns.of_run(view.run_id)
    everything = replace(view, reviewed=None, decided_by=None)
    known, order, is_in = _unsaid(database, everything, state[1] if view.order.kin else 0, looked_at)
    is_in = is_in & said.is_active
    n_all, n_reviewed = int(np.count_nonzero(is_in)), int(np.count_nonzero(is_in & said.is_reviewed))
    labels = np.unique(known.labels[is_in]).tolist() if view.is_in_turn else []
    for condition in _said(view, said):
        is_in &= condition
    return Matching(known, order, is_in, int(np.count_nonzero(is_in)), n_all, n_reviewed, labels)


@lru_cache(maxsize=6)
def _unsaid(_database: str, view: View, _version_id: int, _looked_at: Any) -> tuple[Columns, np.ndarray, np.ndarray]:
    """(columns, rows in the view's order, (N,) bool which of them its filters let through), whatever people said."""
    known = score_columns.of_run(view.run_id)
    order = _order(view, known)
    is_in = np.ones(known.n, bool)
    if len(order) < known.n:
        is_in = np.zeros(known.n, bool)
        is_in[order] = True
    for condition in [*_of_scores(view, known), *_of_images(view, known)]:
        is_in &= condition
    return known, order, is_in


def _order(view: View, known: Columns) -> np.ndarray:
    if view.order.kin:
        return known.rows_of(np.array(find_kin(view.run_id, view.order.kin), np.int64))
    if view.order.issue is not None:
        return known.rows_of(_worst_first(view.order.issue, known.project_id))
    if view.order.needs_doubts and not known.has_doubts:
        return np.zeros(0, np.int32)
    order = known.order("valid" if view.sort == "valid" else view.order.key)
    return order[::-1] if view.order.is_down else order


def _worst_first(issue: str, project_id: int) -> np.ndarray:
    """Ids of all measured images, read off the issue's own index."""
    worst = (column(issue).desc(), Quality.image_id.desc())
    with reading() as session:
        ids = session.scalars(select(Quality.image_id).where(Quality.project_id == project_id).order_by(*worst)).all()
    return np.array(ids, np.int64)


def _of_scores(view: View, known: Columns) -> list[np.ndarray]:
    """Which images meet what the view asks of their scores, (N,) bool each."""
    found = []
    if view.split is not None:
        found.append(known.is_valid == (view.split == "valid"))
    asked = ((known.labels, view.label_id), (known.predicted, view.predicted_id), (known.suggested, view.suggested_id))
    found += [values == value for values, value in asked if value is not None]
    if view.doubt_from is not None:
        found.append(known.doubt >= view.doubt_from)
    if view.doubt_to is not None:
        found.append(known.doubt <= view.doubt_to)
    if view.order.which is not None:
        found.append((known.predicted == known.labels) == (view.order.which == "right"))
    if view.order.flag is not None:
        found.append(getattr(known, view.order.flag))
    return found


def _of_images(view: View, known: Columns) -> list[np.ndarray]:
    """Which images meet what the view asks of themselves, (N,) bool each."""
    found = []
    if view.source is not None:
        found.append(known.source == _code(known.sources, view.source))
    if view.licence is not None:
        found.append(known.licence == _code(known.licences, view.licence))
    if view.added_from is not None:
        found.append(known.added >= _day(view.added_from))
    if view.added_to is not None:
        found.append(known.added <= _day(view.added_to))
    if view.text:
        found.append(known.has_text(view.text))
    if view.quality is not None:
        found.append(_among(known, _with_issue(known.project_id, view.quality)))
    if view.picked_id is not None:
        found.append(_among(known, selections.image_ids(view.picked_id)))
    return found


def _said(view: View, said: Marks) -> list[np.ndarray]:
    """Which images meet what the view asks of people's words, (N,) bool each."""
    found = []
    if view.reviewed in ("yes", "no"):
        found.append(said.is_reviewed == (view.reviewed == "yes"))
    elif view.reviewed is not None:
        found.append(said.decision == ACTIONS.index(view.reviewed))
    if view.decided_by is not None:
        found.append(said.by == _code(said.people, view.decided_by))
    return found


def _with_issue(project_id: int, issue: str) -> np.ndarray:
    with reading() as session:
        return np.array(session.scalars(select(Quality.image_id).where(*has_issue(project_id, issue))).all(), np.int64)


def _among(known: Columns, image_ids: np.ndarray) -> np.ndarray:
    is_in = np.zeros(known.n, bool)
    is_in[known.rows_of(image_ids)] = True
    return is_in


def _code(names: list[str], name: str) -> int:
    """The place of a name, or one that nothing has."""
    return names.index(name) if name in names else NONE


def _day(day: str) -> int:
    return int(datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).timestamp() // 86_400)
