"""A run's pictures with their labels as trained, as they are today, or as far as a person confirmed them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np

from curate import settings
from curate.catalog import projects, runs
from curate.catalog.projects import LabelRow
from curate.catalog.runs import RunRow
from curate.evaluation import confusion
from curate.review.listing import decision_columns, score_columns
from curate.review.listing.score_columns import Columns

AS_TRAINED, TODAY, CONFIRMED = "trained", "today", "confirmed"
SOURCES: Mapping[str, str] = MappingProxyType(
    {AS_TRAINED: "As trained", TODAY: "Today", CONFIRMED: "Confirmed"}
)  # of labels, with their names on the screen


def labels_in_words(source: str, trained_on: int, head: int) -> str:
    """Returns the labels of a source with their version.

    >>> labels_in_words("trained", 1, 3), labels_in_words("confirmed", 1, 3)
    ('labels as trained (version 1)', 'confirmed labels (version 3)')
    """
    words = {AS_TRAINED: "labels as trained", TODAY: "today's labels", CONFIRMED: "confirmed labels"}
    return f"{words[source]} (version {trained_on if source == AS_TRAINED else head})"


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The K pictures of a run on one split whose predictions are held against labels of one source.

    labels: those that the run knows or that pictures have, in the project's order.  rows: (K,) of the run's columns;
    actual, predicted: (K,) positions in `labels`.  `trained` includes pictures deleted since, the others do not.
    version_id: up to which labels and decisions are known.
    """

    run: RunRow
    split: str
    source: str
    version_id: int
    labels: list[LabelRow]
    columns: Columns
    rows: np.ndarray
    actual: np.ndarray
    predicted: np.ndarray

    @property
    def key(self) -> tuple[int, str, str, int]:
        """What the pictures, predictions and labels depend on, within one database."""
        return self.run.id, self.split, self.source, self.version_id

    @property
    def n(self) -> int:
        """How many pictures."""
        return len(self.rows)

    @cached_property
    def names(self) -> list[str]:
        """The labels' names, in order."""
        return [label.name for label in self.labels]

    @cached_property
    def counts(self) -> np.ndarray:
        """(C, C) numbers of pictures by label (row) and predicted label."""
        return confusion(self.actual, self.predicted, len(self.labels))

    @cached_property
    def is_wrong(self) -> np.ndarray:
        """(K,) bool: another label than the picture's is predicted."""
        return self.actual != self.predicted

    @property
    def image_ids(self) -> np.ndarray:
        """(K,) ids of the pictures, ascending."""
        return self.columns.image_ids[self.rows]

    @property
    def score_rows(self) -> np.ndarray:
        """(K,) rows of the run's probabilities."""
        return self.columns.score_rows[self.rows]

    def label(self, label_id: int) -> LabelRow:
        """Returns the label with that id. Raises KeyError for one that is not in the matrix."""
        return {label.id: label for label in self.labels}[label_id]

    def position(self, label_id: int) -> int:
        """Returns a label's row and column in the matrix."""
        return self.labels.index(self.label(label_id))


def find_evaluated(run: RunRow, split: str, source: str = AS_TRAINED) -> Evaluated:
    """Returns the run's pictures of a split with labels of that source (of `SOURCES`)."""
    version_id = decision_columns.of_run(run.id).version_id
    names = tuple((label.id, label.name) for label in projects.labels(run.project_id))
    return _find(settings.database_url(), run.id, version_id, names, split, source)


@lru_cache(maxsize=8)
def _find(
    _database: str, run_id: int, _version_id: int, _names: tuple[tuple[int, str], ...], split: str, source: str
) -> Evaluated:
    run = runs.find_run(run_id)
    columns, decisions = score_columns.of_run(run_id), decision_columns.of_run(run_id)
    is_in = columns.is_valid == (split == "valid")
    if source != AS_TRAINED:
        is_in = is_in & decisions.is_active
    if source == CONFIRMED:
        is_in = is_in & decisions.is_checked
    rows = np.flatnonzero(is_in)
    actual_ids = (columns.labels if source == AS_TRAINED else decisions.labels)[rows]
    labels = _labels(run, actual_ids)
    position = np.zeros(max((label.id for label in labels), default=0) + 1, np.int64)
    for place, label in enumerate(labels):
        position[label.id] = place
    return Evaluated(
        run, split, source, decisions.version_id, labels, columns, rows, position[actual_ids],
        position[columns.predicted[rows]],
    )  # fmt: skip


def _labels(run: RunRow, actual_ids: np.ndarray) -> list[LabelRow]:
    known = set(run.label_ids) | set(np.unique(actual_ids).tolist())
    return [label for label in projects.labels(run.project_id) if label.id in known]
