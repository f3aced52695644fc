"""When to stop: what reviewing a run has found, what is probably left, and whether looking on pays.

The doubts of all images are read once a run; every look after that costs what was decided, not what there is.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import and_, select

from curate import settings
from curate.catalog import projects
from curate.catalog.database import reading
from curate.catalog.models import Image, Run, Score
from curate.catalog.projects import LabelRow
from curate.doubts import stopping
from curate.evaluation import Interval
from curate.review.tally import Tally, find_tally, state


@dataclass(frozen=True)
class LabelOutlook:
    """What is probably left wrong under one label, among its `n_unseen` pictures that nobody looked at."""

    label: LabelRow
    n_left: Interval
    n_unseen: int


@dataclass(frozen=True)
class Outlook:
    """What was seen, what is probably ahead (`doubts.stopping`), and the labels, most wrong ones left first."""

    tally: Tally
    ahead: stopping.Outlook
    by_label: list[LabelOutlook]

    def curve(self) -> np.ndarray:
        """Pictures seen and wrong ones found among them, (P, 2) from (0, 0)."""
        return stopping.found_curve(self.tally.is_error)


def find_outlook(run_id: int) -> Outlook:
    """The outlook of a run with doubts; counted again only after a decision or a new version."""
    return _look(settings.database_url(), run_id, state(run_id))


@lru_cache(maxsize=32)
def _look(database: str, run_id: int, _state: tuple[int, int]) -> Outlook:
    labels, all_doubts = _labels(run_id), _histogram(database, run_id)
    unseen = np.maximum(all_doubts - _counted(_settled(run_id), labels), 0)
    tally = find_tally(run_id)
    ahead = stopping.look_ahead(tally.doubt, tally.is_error, unseen)
    rows = zip(labels, ahead.left_by_label, unseen.sum(axis=1).tolist(), strict=True)
    by_label = [LabelOutlook(label, left, n) for label, left, n in rows]
    return Outlook(tally, ahead, sorted(by_label, key=lambda one: -one.n_left.value))


def _labels(run_id: int) -> list[LabelRow]:
    with reading() as session:
        run = session.get_one(Run, run_id)
    known = {label.id: label for label in projects.labels(run.project_id)}
    return [known[label_id] for label_id in run.label_ids]


@lru_cache(maxsize=16)  # a second at a million images, and a run's doubts never change
def _histogram(_database: str, run_id: int) -> np.ndarray:
    with reading() as session:
        rows = session.execute(
            select(Score.label_id, Score.doubt).where(Score.run_id == run_id, Score.doubt.is_not(None))
        ).all()
    return _counted(rows, _labels(run_id))


def _counted(rows: Any, labels: list[LabelRow]) -> np.ndarray:
    """(C, bins) counts of (label id, doubt) pairs."""
    table = np.array([tuple(row) for row in rows], float).reshape(-1, 2)
    ids = np.array([label.id for label in labels], np.int64)
    order = np.argsort(ids)
    places = order[np.searchsorted(ids, table[:, 0].astype(np.int64), sorter=order)]
    return stopping.histogram(table[:, 1], places, len(labels))


def _settled(run_id: int) -> list[Any]:
    """(label id, doubt) of those decided on, confirmed at any time, or in the bin: each off an index of its own."""
    joined = select(Score.label_id, Score.doubt).select_from(Image)
    joined = joined.join(Score, and_(Score.image_id == Image.id, Score.run_id == run_id))
    found: list[Any] = []
    with reading() as session:
        project_id = session.get_one(Run, run_id).project_id
        for conditions in (
            (Image.decision.is_not(None),),
            (Image.decision.is_(None), Image.checked_at.is_not(None)),
            (Image.decision.is_(None), Image.checked_at.is_(None), Image.state.in_(("binned", "erased"))),
        ):
            query = joined.where(Image.project_id == project_id, Score.doubt.is_not(None), *conditions)
            found += session.execute(query).all()
    return found
