"""Why a run is wrong: the cause of each error, from what is stored of the pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from sqlalchemy import select

from curate import settings
from curate.catalog import duplicates, quality
from curate.catalog.database import reading
from curate.catalog.tables.quality import Quality
from curate.evaluation import causes
from curate.evaluation.causes import Cause
from curate.quality.issues import ISSUES
from curate.review.listing import decision_columns
from curate.review.listing.score_columns import NONE
from curate.review.listing.similar_groups import find_similar
from curate.review.reports.evaluated import AS_TRAINED, Evaluated
from curate.review.reports.run_probabilities import find_per_picture

UNEXPLAINED = "unexplained"
POOR = tuple(name for name in ISSUES if not name.endswith("duplicate"))
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "label": "Label probably wrong",
        "twice": "Same picture, two labels",
        "torn": "Torn between two labels",
        "far": "Far from everything",
        **{name: ISSUES[name].title for name in POOR},
        "rare": "Rare label",
        UNEXPLAINED: "Unexplained",
    }
)  # in the order in which an error is assigned to the first that applies


@dataclass(frozen=True, eq=False)
class ErrorCauses:
    """The causes of a run's errors.

    rows: one per sign that is known for this run, in the order of `TITLES`.  assigned: (K,) the place of each error's
    cause in `rows`, len(rows) = unexplained, `causes.RIGHT` for pictures that are no errors.  missing: signs of which
    nothing is known, as the run has no held-out evidence or the pictures' quality was not measured.
    """

    rows: list[Cause]
    assigned: np.ndarray
    missing: tuple[str, ...]

    @property
    def n_unexplained(self) -> int:
        """Errors without any sign."""
        return int((self.assigned == len(self.rows)).sum())

    def is_cause(self, name: str) -> np.ndarray:
        """Returns (K,) bool: the errors assigned to this cause of `TITLES`."""
        names = [row.name for row in self.rows]
        place = len(names) if name == UNEXPLAINED else names.index(name) if name in names else len(names) + 1
        return np.asarray(self.assigned == place)


def find_causes(evaluated: Evaluated) -> ErrorCauses:
    """Returns the causes of the errors."""
    measured_at = quality.state(evaluated.run.project_id).version_id
    return _find(settings.database_url(), evaluated, measured_at)


@lru_cache(maxsize=8)  # `Evaluated` is compared by identity, and made anew for a new version
def _find(_database: str, evaluated: Evaluated, measured_at: int | None) -> ErrorCauses:
    signs = _signs(evaluated, measured_at is not None)
    missing = tuple(name for name in TITLES if name not in signs and name != UNEXPLAINED)
    return ErrorCauses(causes.summarise(evaluated.is_wrong, signs), causes.assign(evaluated.is_wrong, signs), missing)


def _signs(evaluated: Evaluated, is_measured: bool) -> dict[str, np.ndarray]:
    """Returns {name: (K,) bool} in the order of `TITLES`, without the signs of which nothing is known."""
    columns, rows = evaluated.columns, evaluated.rows
    signs: dict[str, np.ndarray] = {}
    if columns.has_doubts:
        signs["label"] = _is_doubtful(evaluated)
        signs["far"] = columns.suggests_delete[rows]
    signs["twice"] = _has_two_labels(evaluated)
    if (figures := find_per_picture(evaluated)) is not None:
        signs["torn"] = causes.is_torn(figures.p_first, figures.p_second)
    if is_measured:
        signs |= {name: has_issue(evaluated, name) for name in POOR}
    signs["rare"] = causes.rare_labels(_n_train(evaluated))[evaluated.actual]
    return {name: signs[name] for name in TITLES if name in signs}


def _is_doubtful(evaluated: Evaluated) -> np.ndarray:
    """(K,) bool: the held-out evidence supports another label than the one it is held against.

    It was gathered on the labels at training; a label that a person confirmed or put right is not doubted.
    """
    columns, rows = evaluated.columns, evaluated.rows
    suggested = columns.suggested[rows]
    label_ids = np.array([label.id for label in evaluated.labels], np.int64)
    is_other = (suggested != NONE) & (suggested != label_ids[evaluated.actual])
    if evaluated.source == AS_TRAINED:
        return np.asarray(is_other)
    return np.asarray(is_other & ~decision_columns.of_run(evaluated.run.id).is_checked[rows])


def _has_two_labels(evaluated: Evaluated) -> np.ndarray:
    """(K,) bool: an active image with the same bytes or the same pixels has another label today."""
    columns = evaluated.columns
    labels = decision_columns.of_run(evaluated.run.id).labels
    is_in = np.zeros(columns.n, bool)
    is_in[columns.rows_of(np.array(find_similar(evaluated.run.id, "same_picture"), np.int64))] = True
    first, second, distance = duplicates.pairs(evaluated.run.project_id)
    same = np.isin(first, columns.image_ids) & np.isin(second, columns.image_ids) & (distance == 0)
    left, right = columns.rows_of(first[same]), columns.rows_of(second[same])
    differs = labels[left] != labels[right]
    is_in[left[differs]] = is_in[right[differs]] = True
    return is_in[evaluated.rows]


def has_issue(evaluated: Evaluated, name: str) -> np.ndarray:
    """Returns (K,) bool: the pictures with that issue of their quality."""
    columns = evaluated.columns
    query = select(Quality.image_id).where(*quality.has_issue(columns.project_id, name))
    is_in = np.zeros(columns.n, bool)
    with reading() as session:
        is_in[columns.rows_of(np.array(session.scalars(query).all(), np.int64))] = True
    return is_in[evaluated.rows]


def _n_train(evaluated: Evaluated) -> np.ndarray:
    """(C,) training pictures of each label, when the run learnt from them."""
    columns = evaluated.columns
    position = {label.id: place for place, label in enumerate(evaluated.labels)}
    label_ids, counts = np.unique(columns.labels[~columns.is_valid], return_counts=True)
    n_train = np.zeros(len(evaluated.labels), np.int64)
    for label_id, count in zip(label_ids.tolist(), counts.tolist(), strict=True):
        if label_id in position:
            n_train[position[label_id]] = count
    return n_train
