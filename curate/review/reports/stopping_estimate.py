"""The stopping estimate: label errors a review has found, errors probably left, and whether going on pays.

The doubts of all images are read once per run; later estimates cost only as much as there are decisions.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, literal, select

from curate import settings
from curate.catalog import projects
from curate.catalog.database import reading
from curate.catalog.projects import LabelRow
from curate.catalog.tables.core import Image, Run, Score
from curate.catalog.versions import batches
from curate.doubts import stopping
from curate.evaluation import Interval
from curate.review.listing import score_columns
from curate.review.reports.reviewed_so_far import Reviewed, find_reviewed, state

LONG_S = 0.1
REST = 20  # a slower estimate is reused for 20 times as long as it took, so that it uses 1/20 of a core at most


@dataclass(frozen=True)
class LabelEstimate:
    """Errors probably left among the `n_unseen` pictures of a label that nobody has reviewed."""

    label: LabelRow
    n_left: Interval
    n_unseen: int


@dataclass(frozen=True)
class Estimate:
    """The reviewed images, the outlook (`doubts.stopping`), and the labels, most errors left first."""

    reviewed: Reviewed
    ahead: stopping.Outlook
    by_label: list[LabelEstimate]

    def curve(self) -> np.ndarray:
        """Returns (P, 2): pictures reviewed and errors among them, from (0, 0)."""
        return stopping.error_curve(self.reviewed.is_error)


@dataclass
class _Kept:
    """The last estimate for a run, as of `state`; until: monotonic time before which it is reused."""

    lock: Lock = field(default_factory=Lock)
    estimate: Estimate | None = None
    state: tuple[int, int, int] = (0, 0, 0)
    until: float = 0.0
    computed_at: float = 0.0


def find_estimate(run_id: int, max_age_s: float = 0.0) -> Estimate:
    """Returns the estimate for a run with doubts; computed again only after a decision, opinion or new version.

    max_age_s: an estimate that is at most so old is returned without asking whether there was one. Where computing
    takes long because very many pictures were reviewed, it is done less often: every page of a reviewer asks every
    three seconds.
    """
    database = settings.database_url()
    kept = _kept(database, run_id)
    if kept.estimate is not None and time.monotonic() < kept.computed_at + max_age_s:
        return kept.estimate
    now = state(run_id)
    with kept.lock:
        if kept.estimate is None or (kept.state != now and time.monotonic() >= kept.until):
            began = time.monotonic()
            kept.estimate, kept.state = _estimate(database, run_id, now), now
            took_s = time.monotonic() - began
            kept.until = began + (REST * took_s if took_s > LONG_S else 0)
        kept.computed_at = time.monotonic()
        return kept.estimate


@lru_cache(maxsize=32)
def _kept(_database: str, _run_id: int) -> _Kept:
    return _Kept()


def _estimate(database: str, run_id: int, now: tuple[int, int, int]) -> Estimate:
    labels, reviewed = _labels(run_id), find_reviewed(run_id)
    confirmed, n_confirmed = _confirmed(database, run_id, now[1])
    decided = set(reviewed.image_ids.tolist()) - confirmed
    n_seen = n_confirmed + _counted(_scores(run_id, decided), labels)
    unseen = np.maximum(_histogram(database, run_id) - n_seen, 0)
    ahead = stopping.look_ahead(reviewed.doubt, reviewed.is_error, unseen)
    rows = zip(labels, ahead.left_by_label, unseen.sum(axis=1).tolist(), strict=True)
    by_label = [LabelEstimate(label, left, n) for label, left, n in rows]
    return Estimate(reviewed, ahead, sorted(by_label, key=lambda one: -one.n_left.value))


def _labels(run_id: int) -> list[LabelRow]:
    with reading() as session:
        run = session.get_one(Run, run_id)
    known = {label.id: label for label in projects.labels(run.project_id)}
    return [known[label_id] for label_id in run.label_ids]


@lru_cache(maxsize=16)  # 30 ms at a million images, and a run's doubts never change
def _histogram(_database: str, run_id: int) -> np.ndarray:
    known, ids = score_columns.of_run(run_id), np.array([label.id for label in _labels(run_id)], np.int64)
    order = np.argsort(ids)
    places = order[np.searchsorted(ids, known.labels, sorter=order)]
    return stopping.histogram(known.doubt, places, len(ids))


def _counted(rows: Any, labels: list[LabelRow]) -> np.ndarray:
    """(C, bins) counts of (label id, doubt, images)."""
    table = np.array([tuple(row) for row in rows], float).reshape(-1, 3)
    ids = np.array([label.id for label in labels], np.int64)
    order = np.argsort(ids)
    places = order[np.searchsorted(ids, table[:, 0].astype(np.int64), sorter=order)]
    n = table[:, 2].astype(np.int64)
    return stopping.histogram(np.repeat(table[:, 1], n), np.repeat(places, n), len(labels))


@lru_cache(maxsize=16)
def _confirmed(_database: str, run_id: int, _version_id: int) -> tuple[frozenset[int], np.ndarray]:
    """Returns ids and histogram of the images that a person confirmed or deleted; it changes only with a version."""
    ids = _image_ids(run_id, Image.checked_at.is_not(None)) | _image_ids(run_id, Image.state.in_(("binned", "erased")))
    return frozenset(ids), _counted(_scores(run_id, ids), _labels(run_id))


def _image_ids(run_id: int, condition: ColumnElement[bool]) -> set[int]:
    project_id = select(Run.project_id).where(Run.id == run_id).scalar_subquery()
    with reading() as session:
        return set(session.scalars(select(Image.id).where(Image.project_id == project_id, condition)))


def _scores(run_id: int, image_ids: Iterable[int]) -> list[Any]:
    """Returns (label id, doubt, 1) of these images, in batches: for a join SQLite would read all scores of the run."""
    query = select(Score.label_id, Score.doubt, literal(1)).where(Score.run_id == run_id)
    with reading() as session:
        results = (session.execute(query.where(Score.image_id.in_(ids))) for ids in batches(list(image_ids), 5_000))
        return [row for rows in results for row in rows]
