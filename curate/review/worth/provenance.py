"""What came from what: how much of the change between two runs is the pictures', the labels' and the model's doing."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from curate.catalog import runs
from curate.catalog.database import reading
from curate.catalog.runs import Scores
from curate.catalog.tables.core import Image
from curate.catalog.versions import batches
from curate.evaluation import Interval, points
from curate.evaluation.comparison import ends_in_words
from curate.evaluation.paired import paired_interval
from curate.review.reports.run_comparison import Report, near_duplicates
from curate.wording import counted


@dataclass(frozen=True)
class Provenance:
    """Accuracies in [0, 1] of both runs, by the labels that each was trained with and by today's.

    own: of the older run on all validation images of its time. then, today: (older, newer) run on the n images that
    both held out and that are in the project today. n_left: validation images of the older run that are not among
    these, n_left_wrong of which it had wrong. n_relabelled: of the n images, those whose label is another today.
    confirmed: the newer run's advantage on the n_confirmed images whose label a person confirmed.
    """

    n: int
    own: float
    then: tuple[float, float]
    today: tuple[float, float]
    n_left: int
    n_left_wrong: int
    n_relabelled: int
    n_confirmed: int
    confirmed: Interval

    @property
    def by_pictures(self) -> float:
        """The change of the older run's accuracy because pictures left validation."""
        return self.then[0] - self.own

    @property
    def by_labels(self) -> float:
        """The change of the older run's accuracy because validation labels were corrected."""
        return self.today[0] - self.then[0]

    @property
    def by_model(self) -> float:
        """The newer run's advantage on the same pictures under the same labels."""
        return self.today[1] - self.today[0]

    def sentence(self, old: str, new: str) -> str:
        """What moved the accuracy from the older run's of its time to the newer run's of today, in points."""
        return (
            f"From {old}'s {100 * self.own:.1f} % in its time to {new}'s {100 * self.today[1]:.1f} % today: "
            f"{points(self.by_pictures)} points because pictures left validation, {points(self.by_labels)} because "
            f"{counted(self.n_relabelled, 'validation label')} changed, {points(self.by_model)} by the model."
        )

    def left_in_words(self, old: str) -> str:
        """What left validation, "" when nothing did."""
        if not self.n_left:
            return ""
        return (
            f"{counted(self.n_left, 'picture')} left validation since, {self.n_left_wrong:,} of which {old} had wrong."
        )

    def confirmed_in_words(self, old: str, new: str) -> str:
        """The difference on the pictures whose label a person confirmed, with its paired interval."""
        if not self.n_confirmed:
            return "No label of these pictures is confirmed yet."
        return (
            f"From {old} to {new} on the {counted(self.n_confirmed, 'picture')} with a confirmed label: "
            f"{points(self.confirmed.value)} points {ends_in_words(self.confirmed)}."
        )


def find_provenance(report: Report) -> Provenance | None:
    """Returns where the change between two runs comes from; None without shared validation images."""
    if not len(report.image_ids):
        return None
    image_ids = report.image_ids
    today, _ = runs.todays_labels(image_ids)
    sides = [_at(runs.scores(run.id), image_ids) for run in (report.before, report.after)]
    old_right, new_right = (predicted == today for predicted, _ in sides)
    of_older = runs.scores(report.before.id)
    was_right = of_older.predicted_ids == of_older.label_ids
    left = of_older.is_valid & ~np.isin(of_older.image_ids, image_ids)
    checked = _is_confirmed(image_ids)
    change = new_right[checked].astype(int) - old_right[checked].astype(int)
    return Provenance(
        n=len(image_ids),
        own=float(was_right[of_older.is_valid].mean()),
        then=(float((sides[0][0] == sides[0][1]).mean()), float((sides[1][0] == sides[1][1]).mean())),
        today=(float(old_right.mean()), float(new_right.mean())),
        n_left=int(left.sum()),
        n_left_wrong=int((left & ~was_right).sum()),
        n_relabelled=int((sides[0][1] != today).sum()),
        n_confirmed=int(checked.sum()),
        confirmed=paired_interval(change, near_duplicates(image_ids[checked])),
    )


def _at(scores: Scores, image_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns (n,) predicted label ids and label ids of a run's training, of these images."""
    order = np.argsort(scores.image_ids)
    rows = order[np.searchsorted(scores.image_ids, image_ids, sorter=order)]
    return scores.predicted_ids[rows], scores.label_ids[rows]


def _is_confirmed(image_ids: np.ndarray) -> np.ndarray:
    confirmed: list[int] = []
    with reading() as session:
        for batch in batches(image_ids.tolist(), 5_000):
            confirmed += session.scalars(select(Image.id).where(Image.id.in_(batch), Image.checked_at.is_not(None)))
    return np.isin(image_ids, confirmed)
