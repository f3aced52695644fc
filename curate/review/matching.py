"""Which images of a run a view shows, and in which order: worked out on columns, exact, and kept while nothing changes.

A million images take 5 to 10 ms after a decision, the first time 10 to 60; a page is then a slice, wherever it is.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import select

from curate import settings
from curate.catalog.database import reading
from curate.catalog.models import Quality, QualityState
from curate.catalog.quality import column, has_issue
from curate.review import columns, marks, picked
from curate.review.columns import NONE, Columns
from curate.review.kin import find_kin
from curate.review.marks import ACTIONS, Marks
from curate.review.views import View


@dataclass(frozen=True)
class Matching:
    """The images of a view.

    order: (K,) rows of the run's columns in the view's order, all that the order itself holds (a sort by blur holds
    only measured ones); it does not change while people decide.  places: (M,) places in `order` of the images that
    match, ascending.  n_all, n_reviewed: of the view without its own `reviewed` and `decided_by`.  in_turn: the labels
    that a view with one label after the other goes through, reviewed or not; else empty.
    """

    known: Columns
    order: np.ndarray
    places: np.ndarray
    n_all: int
    n_reviewed: int
    in_turn: list[int]

    @property
    def n(self) -> int:
        """How many match."""
        return len(self.places)

    def slice(self, start: int, size: int) -> tuple[np.ndarray, int | None]:
        """(image ids number `start` and on, the place of the last of them in the order or None when none follow)."""
        chosen = self.places[start : start + size]
        ids = self.known.image_ids[self.order[chosen]]
        return ids, int(chosen[-1]) if start + size < self.n and len(chosen) else None

    def after(self, place: int) -> int:
        """The number of the first image that comes after a place in the order."""
        return int(np.searchsorted(self.places, place, side="right"))

    def rows(self, n: int | None = None) -> np.ndarray:
        """Rows in the columns of the first n that match, or of all, in the view's order."""
        return self.order[self.places[:n]]

    def image_ids(self, n: int | None = None) -> np.ndarray:
        """Ids of the first n that match, or of all, in the view's order."""
        return self.known.image_ids[self.rows(n)]

    def first_of(self, labels: list[int], n: int) -> np.ndarray:
        """Ids of the first n of each of these labels that match, one label after the other."""
        rows = self.rows()
        of_label = self.known.labels[rows]
        chosen = [rows[np.flatnonzero(of_label == label)[:n]] for label in labels]
        return self.known.image_ids[np.concatenate([rows[:0], *chosen])]


def matching(view: View) -> Matching:
    """What the view shows now. Raises BadInput, and NotFound for pictures that were picked nowhere."""
    view = view.checked()
    said = marks.of_run(view.run_id)
    return _match(settings.database_url(), view, said.state, _looked_at(view))


def _looked_at(view: View) -> Any:
    """When the project's quality was looked at, where the view depends on it."""
    if view.quality is None and view.order.issue is None:
        return None
    project_id = columns.of_run(view.run_id).project_id
    with reading() as session:
        return session.scalar(select(QualityState.updated_at).where(QualityState.project_id == project_id))


@lru_cache(maxsize=6)  # 4 MB each at a million images
def _match(database: str, view: View, state: tuple[int, int], looked_at: Any) -> Matching:
    said = marks.of_run(view.run_id)
    everything = replace(view, reviewed=None, decided_by=None)
    known, order, is_in = _unsaid(database, everything, state[1] if view.order.kin else 0, looked_at)
    is_in = is_in & said.is_active
    n_all, n_reviewed = int(is_in.sum()), int((is_in & said.is_reviewed).sum())
    labels = np.unique(known.labels[is_in]).tolist() if view.is_in_turn else []
    for condition in _said(view, said):
        is_in = is_in & condition
    return Matching(known, order, np.flatnonzero(is_in[order]).astype(np.int32), n_all, n_reviewed, labels)


@lru_cache(maxsize=6)
def _unsaid(_database: str, view: View, _version_id: int, _looked_at: Any) -> tuple[Columns, np.ndarray, np.ndarray]:
    """(columns, rows in the view's order, (N,) bool which of them its filters let through), whatever people said."""
    known = columns.of_run(view.run_id)
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
        found.append(_among(known, picked.image_ids(view.picked_id)))
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
