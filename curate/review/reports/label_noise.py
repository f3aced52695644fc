"""Label noise: which labels are confused, in which direction, how often; given labels against suggested ones.

The evidence is held out (see `doubts.assess`) and takes the noise into account. Each cell of the matrix is a set of
pictures.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sqlalchemy import func, select

from curate import settings, store
from curate.catalog import projects, runs
from curate.catalog.database import reading
from curate.catalog.projects import LabelRow
from curate.catalog.tables.core import Score
from curate.doubts import stored
from curate.doubts.noise import Mixture, mixtures


@dataclass(frozen=True)
class Direction:
    """n pictures with the label `given` that are probably `true`; share: of all pictures with that label."""

    given: LabelRow
    true: LabelRow
    n: int
    share: float


@dataclass(frozen=True)
class Noise:
    """counts: (C, C) pictures, rows = given label, columns = label that the evidence suggests.

    n_far: pictures that seem to have none of the labels.  estimated: (C, C) float, pictures by confident learning,
    which also counts those whose own evidence is too weak; None in runs that did not store it.
    """

    labels: list[LabelRow]
    counts: np.ndarray
    n_far: int
    estimated: np.ndarray | None = None

    @property
    def n_wrong(self) -> int:
        """Pictures whose label is probably wrong."""
        return int(self.counts.sum() - np.trace(self.counts))

    def directions(self, most: int = 12) -> list[Direction]:
        """Returns the largest confusions, largest first; ties by their share."""
        directions = [self._direction(i, j) for i, j in np.argwhere(self.counts > 0).tolist() if i != j]
        return sorted(directions, key=lambda one: (-one.n, -one.share, one.given.position))[:most]

    def mixtures(self) -> list[Mixture]:
        """Returns pairs of labels confused both ways, which should perhaps be merged; worst first."""
        return mixtures(self.counts / max(1, self.counts.sum()), [label.name for label in self.labels])

    def _direction(self, given: int, true: int) -> Direction:
        n, n_given = int(self.counts[given, true]), int(self.counts[given].sum())
        return Direction(self.labels[given], self.labels[true], n, n / n_given if n_given else 0.0)


def find_noise(run_id: int) -> Noise:
    """Returns the label noise in a run's doubts, cached since a run never changes."""
    return _count(settings.database_url(), run_id)


@lru_cache(maxsize=32)
def _count(_database: str, run_id: int) -> Noise:
    run = runs.find_run(run_id)
    labels = [label for label in projects.labels(run.project_id) if label.id in set(run.label_ids)]
    position = {label.id: place for place, label in enumerate(labels)}
    cells = runs.cell_counts(run_id)
    counts = np.zeros((len(labels), len(labels)), np.int64)
    for label_id, n in zip(cells["label_id"].tolist(), cells["n"].tolist(), strict=True):
        counts[position[label_id], position[label_id]] += n
    for given, true, n in _suggested(run_id):
        counts[position[given], position[true]] += n
        counts[position[given], position[given]] -= n
    return Noise(labels, counts, _n_far(run_id), _estimated(run, labels, int(counts.sum())))


def _estimated(run: runs.RunRow, labels: list[LabelRow], n: int) -> np.ndarray | None:
    """Returns the run's joint distribution in pictures, rows and columns in the order of the labels."""
    joint = stored.read_joint(store.run_folder(run.id))
    if joint is None:
        return None
    places = [run.label_ids.index(label.id) for label in labels]
    return n * joint[np.ix_(places, places)]


def _suggested(run_id: int) -> list[tuple[int, int, int]]:
    query = select(Score.label_id, Score.suggested_id, func.count()).where(Score.run_id == run_id)
    with reading() as session:
        rows = session.execute(
            query.where(Score.suggested_id.is_not(None)).group_by(Score.label_id, Score.suggested_id)
        )
        return [(given, true or 0, n) for given, true, n in rows]


def _n_far(run_id: int) -> int:
    query = select(func.count()).select_from(Score).where(Score.run_id == run_id, Score.suggests_delete.is_(True))
    with reading() as session:
        return session.scalar(query) or 0
