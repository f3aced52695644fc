"""Compares two runs on today's validation images under today's labels, and chooses which two."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from curate import evaluation
from curate.catalog import projects, runs, versions
from curate.catalog.database import reading
from curate.catalog.runs import RunRow
from curate.catalog.tables.core import Image
from curate.catalog.versions import batches
from curate.errors import BadInput
from curate.review.reports.evaluated import AS_TRAINED, CONFIRMED, TODAY


@dataclass(frozen=True)
class Report:
    """A comparison with its runs.

    labels: in the order of the comparison's tables.  counts_before, counts_after: {label id: {"train": n, "valid": n}}
    images of the versions that the runs were trained on.  largest_train_loss: (before, after).  image_ids: (n,) of the
    compared images, ascending.  label_ids: (n,) of their labels.  source: of these, of `evaluated.SOURCES`.
    """

    before: RunRow
    after: RunRow
    labels: list[projects.LabelRow]
    comparison: evaluation.Comparison
    counts_before: dict[str, dict[str, int]]
    counts_after: dict[str, dict[str, int]]
    largest_train_loss: tuple[float, float]
    image_ids: np.ndarray
    label_ids: np.ndarray
    source: str = TODAY


def compare_runs(before: RunRow, after: RunRow, *, source: str = TODAY) -> Report:
    """Compares two finished runs of one project. Raises BadInput for any other two.

    It uses images that both runs scored as validation images and, unless the labels are those that the first run was
    trained with, that are active today. source: of the labels, of `evaluated.SOURCES`.
    """
    _check_pair(before, after)
    labels = projects.labels(before.project_id)
    position = {label.id: label.position for label in labels}
    old, new = runs.scores(before.id), runs.scores(after.id)
    image_ids = np.intersect1d(old.image_ids[old.is_valid], new.image_ids[new.is_valid])
    image_ids, label_ids = _labels_of(image_ids, old, source)
    comparison = evaluation.compare(
        np.array([position[label_id] for label_id in label_ids.tolist()], np.int64),
        _aligned(old, before, image_ids, position),
        _aligned(new, after, image_ids, position),
        image_ids,
        [label.name for label in labels],
        near_duplicates(image_ids),
    )
    counts = {version.id: version.counts for version in versions.list_versions(before.project_id)}
    return Report(
        before, after, labels, comparison, counts[before.version_id], counts[after.version_id],
        (_largest(old), _largest(new)), image_ids, label_ids, source,
    )  # fmt: skip


def _labels_of(image_ids: np.ndarray, old: runs.Scores, source: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns the ids of the images that have a label of that source, and (n,) ids of these labels."""
    if source == AS_TRAINED:
        order = np.argsort(old.image_ids)
        return image_ids, old.label_ids[order[np.searchsorted(old.image_ids, image_ids, sorter=order)]]
    today, is_in = runs.todays_labels(image_ids)
    if source == CONFIRMED:
        is_in = is_in & _is_checked(image_ids)
    return image_ids[is_in], today[is_in]


def _is_checked(image_ids: np.ndarray) -> np.ndarray:
    """(N,) bool: a person confirmed the label."""
    checked: set[int] = set()
    with reading() as session:
        for batch in batches(image_ids.tolist(), 5_000):
            checked |= set(session.scalars(select(Image.id).where(Image.id.in_(batch), Image.checked_at.is_not(None))))
    return np.array([image_id in checked for image_id in image_ids.tolist()], bool)


def near_duplicates(image_ids: np.ndarray) -> np.ndarray:
    """Returns (N,) int, equal for images of one group of near-duplicates, another for every other image."""
    group_of: dict[int, int] = {}
    with reading() as session:
        for batch in batches(image_ids.tolist(), 5_000):
            grouped = select(Image.id, Image.group_id).where(Image.id.in_(batch), Image.group_id.is_not(None))
            group_of |= {image_id: group_id or image_id for image_id, group_id in session.execute(grouped)}
    return np.array([group_of.get(image_id, image_id) for image_id in image_ids.tolist()], np.int64)


def pair_around_cleaning(finished: list[RunRow]) -> tuple[RunRow, RunRow]:
    """Returns (before, after): the first run on the newest labels that were trained on, and the last run before it.

    finished: at least two runs of one project, newest first, those of experiments last.
    """
    own = [run for run in finished if run.experiment_id is None] or finished
    newest_version = max(run.version_number for run in own)
    after = next(run for run in reversed(own) if run.version_number == newest_version)
    if not any(run.version_number < newest_version for run in finished):
        after = finished[0]
    return last_before(finished, after), after


def last_before(finished: list[RunRow], after: RunRow) -> RunRow:
    """Returns the last run that learnt from older labels than `after`; without one, the run before it in the list.

    finished: as in `pair_around_cleaning`.
    """
    older = [run for run in finished if run.version_number < after.version_number]
    if older:
        return max(older, key=lambda run: (run.experiment_id is None, run.version_number, run.number))
    place = finished.index(after)
    return finished[place + 1] if place + 1 < len(finished) else finished[0]


def _check_pair(before: RunRow, after: RunRow) -> None:
    if before.project_id != after.project_id:
        raise BadInput("Two runs of one project can be compared; these belong to different ones.")
    for run in (before, after):
        if run.status != "done":
            raise BadInput(f"{run.name} has not finished, so it has nothing to compare.")
    if before.id == after.id:
        raise BadInput(f"{before.name} was named twice; a comparison needs two runs.")


def _aligned(scores: runs.Scores, run: RunRow, image_ids: np.ndarray, position: dict[int, int]) -> np.ndarray:
    """Returns (n, C) probabilities of `image_ids`, a column per label of the project; NaN for labels new to the run."""
    order = np.argsort(scores.image_ids)
    rows = order[np.searchsorted(scores.image_ids, image_ids, sorter=order)]
    columns = [position[label_id] for label_id in run.label_ids]
    return evaluation.align_columns(scores.probabilities[rows], columns, len(position))


def _largest(scores: runs.Scores) -> float:
    train = scores.losses[~scores.is_valid]
    return float(train.max()) if len(train) else float("nan")
