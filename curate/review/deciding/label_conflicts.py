"""Label conflicts: one picture under two labels, of which at most one is right; a person decides which."""

import secrets
from dataclasses import dataclass

from curate.catalog.images import ImageRow, image_rows, pictures_under_two_labels
from curate.review.deciding.decisions import Op, decide

MOST_GROUPS = 200


@dataclass(frozen=True)
class LabelConflict:
    """Active images of one project with the same bytes under different labels, oldest first."""

    images: list[ImageRow]

    @property
    def sha(self) -> str:
        """The picture they show."""
        return self.images[0].sha

    @property
    def label_ids(self) -> list[int]:
        """Its labels, in the order of import."""
        return list(dict.fromkeys(image.label_id for image in self.images))

    @property
    def is_decided(self) -> bool:
        """Whether a decision waits on every one of them."""
        return all(image.decision for image in self.images)

    def newest_decision_of(self, reviewer: str) -> int:
        """Returns the number of the reviewer's newest decision that waits on one of them; 0 = none."""
        return max((image.decision_id or 0 for image in self.images if image.decided_by == reviewer), default=0)


def find_label_conflicts(project_id: int, limit: int = MOST_GROUPS) -> list[LabelConflict]:
    """Returns at most `limit` unsettled conflicts. Where a person confirmed every image, both labels are right."""
    groups = pictures_under_two_labels(project_id, limit)
    rows = {image.id: image for image in image_rows([image_id for group in groups for image_id in group])}
    conflicts = [LabelConflict([rows[image_id] for image_id in group if image_id in rows]) for group in groups]
    return [conflict for conflict in conflicts if not all(image.checked_at for image in conflict.images)]


def keep_only(project_id: int, conflict: LabelConflict, label_id: int, reviewer: str) -> None:
    """Decide for this label: keep the images that have it, delete the others.

    Raises NotFound when one of them has left the project since.
    """
    kept = tuple(image.id for image in conflict.images if image.label_id == label_id)
    others = tuple(image.id for image in conflict.images if image.label_id != label_id)
    decide(project_id, reviewer, [Op(1, kept, "keep"), Op(2, others, "delete")], _client())


def decide_all(project_id: int, conflict: LabelConflict, action: str, reviewer: str) -> None:
    """Store one decision on all images: `keep` = every label is right, `clear` = no decision."""
    decide(project_id, reviewer, [Op(1, tuple(image.id for image in conflict.images), action)], _client())


def _client() -> str:
    return f"twins-{secrets.token_hex(8)}"  # new each time, as no click repeats another
