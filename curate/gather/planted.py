"""How many of the sample's planted problems people have found."""

from dataclasses import dataclass
from typing import Any

from curate.catalog import images, projects
from curate.catalog.images import ImageRow

SWAPPED, DUPLICATE, FOREIGN = KINDS = ("swapped", "duplicate", "foreign")


@dataclass(frozen=True)
class PlantedCounts:
    """n_found: settled in the present version; n_decided: standing decisions that settle as many more once applied;
    by_kind: {kind: (n_found, n_decided, n_planted)}.

    Kinds: swapped = filed under a wrong label; duplicate = the same picture again, under a wrong label; foreign = not
    a digit at all.
    """

    n_found: int
    n_decided: int
    n_planted: int
    by_kind: dict[str, tuple[int, int, int]]


def count_found(project_id: int) -> PlantedCounts:
    """How far the sample's planted problems are found; all zero for every other project.

    A problem is found when its image is deleted, or has the right label.
    """
    planted = projects.planted(project_id)
    by_kind = {kind: [0, 0, 0] for kind in KINDS}
    right = {label.name: label.id for label in projects.labels(project_id)}
    for row in images.image_rows(list(planted)):
        problem: dict[str, Any] = planted[row.id]
        right_id = right.get(problem["label"])
        counts = by_kind[problem["kind"]]
        is_found = row.state != "active" or row.label_id == right_id
        counts[0] += is_found
        counts[1] += not is_found and _would_settle(row, right_id)
        counts[2] += 1
    n_found, n_decided, n_planted = (sum(counts[i] for counts in by_kind.values()) for i in range(3))
    return PlantedCounts(n_found, n_decided, n_planted, {kind: (a, b, c) for kind, (a, b, c) in by_kind.items() if c})


def _would_settle(row: ImageRow, right_id: int | None) -> bool:
    return row.decision == "delete" or (row.decision == "relabel" and row.decision_label_id == right_id)
