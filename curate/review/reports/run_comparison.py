"""What the cleaning was worth: two runs compared on today's validation images under today's labels."""

from dataclasses import dataclass

import numpy as np

from curate import evaluation
from curate.catalog import projects, runs, versions
from curate.catalog.runs import RunRow
from curate.errors import BadInput


@dataclass(frozen=True)
class Report:
    """A comparison with what it stands on.

    labels: the compared labels, positions of the comparison's tables; counts_before, counts_after: images per label
    {label id: {"train": n, "valid": n}} of the versions the runs were trained on; largest_train_loss: (before, after).
    """

    before: RunRow
    after: RunRow
    labels: list[projects.LabelRow]
    comparison: evaluation.Comparison
    counts_before: dict[str, dict[str, int]]
    counts_after: dict[str, dict[str, int]]
    largest_train_loss: tuple[float, float]


def compare_runs(before: RunRow, after: RunRow) -> Report:
    """The report on two finished runs of one project. Raises BadInput when they are not two of one project.

    Only images that are active today, were held out, and were scored by both runs take part.
    """
    _check_pair(before, after)
    labels = projects.labels(before.project_id)
    position = {label.id: label.position for label in labels}
    old, new = runs.scores(before.id), runs.scores(after.id)
    image_ids = np.intersect1d(old.image_ids[old.is_valid], new.image_ids[new.is_valid])
    today, is_active = runs.todays_labels(image_ids)
    image_ids, today = image_ids[is_active], today[is_active]
    comparison = evaluation.compare(
        np.array([position[label_id] for label_id in today.tolist()], np.int64),
        _aligned(old, before, image_ids, position),
        _aligned(new, after, image_ids, position),
        image_ids,
        [label.name for label in labels],
    )
    counts = {version.id: version.counts for version in versions.list_versions(before.project_id)}
    return Report(
        before, after, labels, comparison, counts[before.version_id], counts[after.version_id],
        (_largest(old), _largest(new)),
    )  # fmt: skip


def _check_pair(before: RunRow, after: RunRow) -> None:
    if before.project_id != after.project_id:
        raise BadInput("Two runs of one project can be compared; these belong to different ones.")
    for run in (before, after):
        if run.status != "done":
            raise BadInput(f"{run.name} has not finished, so it has nothing to compare.")
    if before.id == after.id:
        raise BadInput(f"{before.name} was named twice; a comparison needs two runs.")


def _aligned(scores: runs.Scores, run: RunRow, image_ids: np.ndarray, position: dict[int, int]) -> np.ndarray:
    """(n, C) probabilities of `image_ids`, a column per label of the project; NaN where the run knew no such label."""
    order = np.argsort(scores.image_ids)
    rows = order[np.searchsorted(scores.image_ids, image_ids, sorter=order)]
    columns = [position[label_id] for label_id in run.label_ids]
    return evaluation.align_columns(scores.probabilities[rows], columns, len(position))


def _largest(scores: runs.Scores) -> float:
    train = scores.losses[~scores.is_valid]
    return float(train.max()) if len(train) else float("nan")
