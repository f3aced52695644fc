"""The very same picture filed under two labels: at most one of them can be right, and a person says which."""

import secrets
from dataclasses import dataclass

from curate.catalog.images import ImageRow, image_rows, pictures_under_two_labels
from curate.review.deciding.decisions import Op, decide

MOST_GROUPS = 200


@dataclass(frozen=True)
class Twins:
    """Active images of one project with the same bytes under different labels, oldest first."""

    images: list[ImageRow]

    @property
    def sha(self) -> str:
        """The picture they show."""
        return self.images[0].sha

    @property
    def label_ids(self) -> list[int]:
        """The labels it is filed under, in the order it came in."""
        return list(dict.fromkeys(image.label_id for image in self.images))

    @property
    def is_decided(self) -> bool:
        """Whether a decision waits on every one of them."""
        return all(image.decision for image in self.images)


def find_twins(project_id: int, limit: int = MOST_GROUPS) -> list[Twins]:
    """Groups that nobody has settled yet, at most `limit`. Where every image was confirmed, both labels are right."""
    groups = pictures_under_two_labels(project_id, limit)
    rows = {image.id: image for image in image_rows([image_id for group in groups for image_id in group])}
    found = [Twins([rows[image_id] for image_id in group if image_id in rows]) for group in groups]
    return [twins for twins in found if not all(image.checked_at for image in twins.images)]


def keep_only(project_id: int, twins: Twins, label_id: int, reviewer: str) -> None:
    """Decide that the picture belongs under this label: keep what is filed there, delete the others.

    Raises NotFound when one of them has left the project meanwhile.
    """
    kept = tuple(image.id for image in twins.images if image.label_id == label_id)
    others = tuple(image.id for image in twins.images if image.label_id != label_id)
    decide(project_id, reviewer, [Op(1, kept, "keep"), Op(2, others, "delete")], _client())


def decide_all(project_id: int, twins: Twins, action: str, reviewer: str) -> None:
    """One decision on all of them: `keep` says that every label is right, `clear` takes back what was said."""
    decide(project_id, reviewer, [Op(1, tuple(image.id for image in twins.images), action)], _client())


def _client() -> str:
    return f"twins-{secrets.token_hex(8)}"  # a fresh one each time: a click is never a repetition
