"""Computes which images of a run a view shows, in which order: exact, on columns, cached while nothing changes.

A million images take some 2 ms after a decision; the first page of a view, and a jump to any page, 5 to 60 ms.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from sqlalchemy import select

from curate import settings
from curate.catalog.database import reading
from curate.catalog.quality import column
from curate.catalog.tables.quality import Quality, QualityState
from curate.review.listing import decision_columns, random_draws, score_columns
from curate.review.listing.score_columns import Columns
from curate.review.listing.similar_groups import find_similar
from curate.review.listing.views import FILTERS, View

CHUNK = 2_048  # places looked at first: a page and its next one where most match


@dataclass(frozen=True)
class Matching:
    """The images of a view.

    order: (K,) rows of the run's columns in the view's order, all that the order itself holds (a sort by blur holds
    only measured ones); it does not change while people decide.  is_in: (N,) bool, which rows match.  n: how many.
    n_all, n_reviewed: of the view without the filters on decisions.  in_turn: the labels that a view with one label
    after the other goes through, reviewed or not; else empty.
    """

    columns: Columns
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
        """Returns (ids of the next images after a place, the last one's place or None when none follow).

        place: -1 = the beginning. It reads no more of the order than it must.
        """
        matches = np.zeros(0, np.int32)
        for places in self._from(place + 1):
            matches = np.concatenate([matches, places])
            if len(matches) > size:
                break
        return self._ids(matches[:size]), int(matches[size - 1]) if len(matches) > size else None

    def number(self, start: int, size: int) -> tuple[np.ndarray, int | None]:
        """Returns what `after` returns, from image number `start` (from 0) on."""
        if start == 0:
            return self.after(-1, size)
        chosen = self.places[start : start + size]
        return self._ids(chosen), int(chosen[-1]) if len(chosen) and start + size < self.n else None

    def first_of(self, labels: list[int], n: int) -> np.ndarray:
        """Returns the ids of the first n matches of each label, one label after the other."""
        by_label: dict[int, list[np.ndarray]] = {label: [] for label in labels}
        for places in self._from(0):
            rows = self.order[places]
            of_label = self.columns.labels[rows]
            for label, parts in by_label.items():
                parts.append(rows[of_label == label])
            if all(sum(map(len, parts)) >= n for parts in by_label.values()):
                break
        chosen = [np.concatenate([self.order[:0], *parts])[:n] for parts in by_label.values()]
        return self.columns.image_ids[np.concatenate([self.order[:0], *chosen])]

    def rows(self) -> np.ndarray:
        """(n,) rows in the columns of all that match, in the view's order."""
        return self.order[self.places]

    def image_ids(self) -> np.ndarray:
        """(n,) ids of all that match, in the view's order."""
        return self._ids(self.places)

    def _ids(self, places: np.ndarray) -> np.ndarray:
        return self.columns.image_ids[self.order[places]]

    def _from(self, start: int) -> Iterator[np.ndarray]:
        """Yields the places of matches from a place on, in growing pieces."""
        length = CHUNK
        while start < len(self.order):
            is_in = self.is_in[self.order[start : start + length]]
            yield np.flatnonzero(is_in).astype(np.int32) + np.int32(start)
            start, length = start + length, 2 * length


def matching(view: View) -> Matching:
    """Returns what the view shows now. Raises BadInput, and NotFound for an unknown selection."""
    view = view.checked()
    state = decision_columns.of_run(view.run_id).state
    return _match(settings.database_url(), view, state, _measured_at(view))


def _measured_at(view: View) -> Any:
    """When the project's quality was measured, if the view depends on it."""
    if view.quality is None and view.order.issue is None:
        return None
    project_id = score_columns.of_run(view.run_id).project_id
    with reading() as session:
        return session.scalar(select(QualityState.updated_at).where(QualityState.project_id == project_id))


@lru_cache(maxsize=6)  # 1 MB each at a million images, after a jump to a page 5
def _match(database: str, view: View, state: tuple[int, int], measured_at: Any) -> Matching:
    decisions = decision_columns.of_run(view.run_id)
    by_people: dict[str, Any] = {name: None for name, entry in FILTERS.items() if entry.by_people}
    undecided = replace(view, **by_people)
    version_id = state[1] if view.order.similar else 0
    columns, order, is_in = _match_scores(database, undecided, version_id, measured_at)
    is_in = is_in & decisions.is_active
    n_all, n_reviewed = int(np.count_nonzero(is_in)), int(np.count_nonzero(is_in & decisions.is_reviewed))
    labels = np.unique(columns.labels[is_in]).tolist() if view.is_in_turn else []
    for condition in _conditions(view, decisions, by_people=True):
        is_in &= condition
    return Matching(columns, order, is_in, int(np.count_nonzero(is_in)), n_all, n_reviewed, labels)


@lru_cache(maxsize=6)
def _match_scores(
    _database: str, view: View, _version_id: int, _measured_at: Any
) -> tuple[Columns, np.ndarray, np.ndarray]:
    """Returns (columns, rows in the view's order, (N,) bool matches), without the filters on decisions."""
    columns = score_columns.of_run(view.run_id)
    order = _order(view, columns)
    is_in = np.ones(columns.n, bool)
    if len(order) < columns.n:
        is_in = np.zeros(columns.n, bool)
        is_in[order] = True
    for condition in [*_conditions(view, columns, by_people=False), *_conditions_of_order(view, columns)]:
        is_in &= condition
    return columns, order, is_in


def _order(view: View, columns: Columns) -> np.ndarray:
    if view.order.similar:
        return columns.rows_of(np.array(find_similar(view.run_id, view.order.similar), np.int64))
    if view.order.issue is not None:
        return columns.rows_of(_worst_first(view.order.issue, columns.project_id))
    if view.order.needs_doubts and not columns.has_doubts:
        return np.zeros(0, np.int32)
    order = columns.order(view.order.key)
    order = order[::-1] if view.order.is_down else order
    return random_draws.mix(order, columns, view.order.n_random) if view.order.n_random else order


def _worst_first(issue: str, project_id: int) -> np.ndarray:
    """Returns the ids of all measured images, the worst first; the issue has an index of its own."""
    worst = (column(issue).desc(), Quality.image_id.desc())
    with reading() as session:
        ids = session.scalars(select(Quality.image_id).where(Quality.project_id == project_id).order_by(*worst)).all()
    return np.array(ids, np.int64)


def _conditions(view: View, columns: Any, by_people: bool) -> list[np.ndarray]:
    """(N,) bool for each filter that is on; by_people: of those on decisions, else of the others."""
    values = {name: getattr(view, name) for name, entry in FILTERS.items() if entry.by_people == by_people}
    return [FILTERS[name].matches(columns, value) for name, value in values.items() if value is not None]


def _conditions_of_order(view: View, columns: Columns) -> list[np.ndarray]:
    """(N,) bool for the images that the order itself keeps."""
    conditions = []
    if view.order.which is not None:
        conditions.append((columns.predicted == columns.labels) == (view.order.which == "right"))
    if view.order.flag is not None:
        conditions.append(getattr(columns, view.order.flag))
    return conditions
