"""Groups of duplicates and the decisions on them: keep one, keep all, or mark them as different pictures.

Keeping one stores a decision to delete each of the others; it waits, like every decision, until it is applied.
"""

import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from sqlalchemy import select

from curate.catalog import duplicates, quality
from curate.catalog.database import reading
from curate.catalog.duplicates import ACROSS_LABELS, ACROSS_SPLITS, WITHIN, Group
from curate.catalog.images import ImageRow, image_rows
from curate.catalog.tables.core import Image
from curate.catalog.versions import batches
from curate.errors import BadInput
from curate.quality.groups import best_first
from curate.review.deciding.decisions import Op, decide

MOST_AT_ONCE = 1_000  # groups decided at once; reading them takes about a second
_PAGE = 500


@dataclass(frozen=True)
class Copy:
    """One image of a group.  sharpness: in [0, 1], high is good, None = not measured.  bits: of 256 bits of its hash
    those that differ from the best copy's, 0 = the same pixels, None = more than 40."""

    image: ImageRow
    sharpness: float | None
    bits: int | None


@dataclass(frozen=True)
class Copies:
    """A group of duplicates, the best copy first: the largest, then the sharpest."""

    group_id: int
    rank: int
    copies: list[Copy]

    @property
    def image_ids(self) -> list[int]:
        """Ids of its images, the best first."""
        return [copy.image.id for copy in self.copies]

    @property
    def is_across_labels(self) -> bool:
        """Whether they have more than one label, of which at most one can be right."""
        return len({copy.image.label_id for copy in self.copies}) > 1

    @property
    def is_across_splits(self) -> bool:
        """Whether copies are in both splits: a model would be tested on what it was trained on."""
        return len({copy.image.split for copy in self.copies}) > 1

    @property
    def is_decided(self) -> bool:
        """Whether the waiting decisions leave at most one copy, or cover all."""
        decisions = [copy.image.decision for copy in self.copies]
        return len(decisions) - decisions.count("delete") <= 1 or None not in decisions

    def newest_decision_of(self, reviewer: str) -> int:
        """Returns the number of the reviewer's newest decision that waits on one of them; 0 = none."""
        mine = (copy.image.decision_id for copy in self.copies if copy.image.decided_by == reviewer)
        return max((number for number in mine if number), default=0)


@dataclass(frozen=True)
class Bulk:
    """A preview of keeping the best of many groups.  groups: (image kept, images deleted).

    by_label: {label id: pictures to delete}.  n_across: groups left out since they span labels.  n_decided: groups
    left out since somebody decided on one of their images.  has_more: more groups remain than are done at once.
    """

    groups: list[tuple[int, tuple[int, ...]]]
    by_label: dict[int, int]
    n_bytes: int
    n_across: int
    n_decided: int
    has_more: bool

    @property
    def n_delete(self) -> int:
        """Pictures to delete."""
        return sum(len(others) for _, others in self.groups)


def find_copies(groups: list[Group]) -> list[Copies]:
    """Returns the groups with facts on their active images; groups with fewer than two active ones are left out."""
    rows = {row.id: row for row in image_rows(sorted({image_id for group in groups for image_id in group.image_ids}))}
    sharpness = quality.sharpness_of(sorted({row.sha for row in rows.values()}))
    shown = []
    for group in groups:
        images = [
            rows[image_id] for image_id in group.image_ids if image_id in rows and rows[image_id].state == "active"
        ]
        if len(images) > 1:
            shown.append(Copies(group.id, group.rank, _ordered(images, sharpness)))
    return shown


def keep_one(project_id: int, copies: Copies, image_id: int, reviewer: str) -> None:
    """Decide to keep this image, which confirms its label, and delete the others. Raises NotFound, BadInput."""
    others = tuple(other for other in copies.image_ids if other != image_id)
    decide(project_id, reviewer, [Op(1, (image_id,), "keep"), Op(2, others, "delete")], _client())
    duplicates.resettle(project_id, copies.image_ids)


def undo(project_id: int, copies: Copies, reviewer: str) -> None:
    """Clear the decisions on the group's images."""
    decide(project_id, reviewer, [Op(1, tuple(copies.image_ids), "clear")], _client())
    duplicates.resettle(project_id, copies.image_ids)


def mark_different(project_id: int, image_ids: list[int], reviewer: str) -> None:
    """Store that these are no duplicates of each other, so that they are not shown together again."""
    _check_few(image_ids)
    duplicates.dismiss(project_id, image_ids, reviewer)


def unmark_different(project_id: int, image_ids: list[int]) -> None:
    """Remove the mark that these are no duplicates."""
    _check_few(image_ids)
    duplicates.undismiss(project_id, image_ids)


def preview_best(project_id: int, distance: int, across_labels: bool = False, limit: int = MOST_AT_ONCE) -> Bulk:
    """Returns what `keep_best` would do to the first `limit` unsettled groups at that distance.

    across_labels: also groups with several labels; then the size of the picture chooses the label.
    """
    chosen: list[Copies] = []
    n_decided = 0
    has_more = False
    for copies in _open_groups(project_id, distance, across_labels):
        if any(copy.image.decision for copy in copies.copies):
            n_decided += 1
        elif len(chosen) == limit:
            has_more = True
            break
        else:
            chosen.append(copies)
    ranks = duplicates.count_groups(project_id, distance)
    n_across = 0 if across_labels else sum(n for rank, n in ranks.items() if rank <= ACROSS_LABELS)
    others = [copy.image for copies in chosen for copy in copies.copies[1:]]
    return Bulk(
        groups=[(copies.image_ids[0], tuple(copies.image_ids[1:])) for copies in chosen],
        by_label=dict(Counter(image.label_id for image in others)),
        n_bytes=sum(image.n_bytes for image in others),
        n_across=n_across,
        n_decided=n_decided,
        has_more=has_more,
    )


def keep_best(project_id: int, bulk: Bulk, reviewer: str) -> str:
    """Carry out the preview; returns the key of the step. The best copies stay undecided: nobody checked their label.

    Images that somebody has decided on since keep that decision. Raises BadInput when there is nothing to delete.
    """
    ids = [image_id for _, others in bulk.groups for image_id in others]
    if not ids:
        raise BadInput("There is nothing to decide.", "Choose a larger distance.")
    client = _client()
    free = _undecided(ids)
    ops = [Op(number, tuple(batch), "delete") for number, batch in enumerate(batches(free, 5_000))]
    if ops:
        decide(project_id, reviewer, ops, client)
    duplicates.resettle(project_id, ids)
    return client


def take_back(project_id: int, bulk: Bulk, reviewer: str) -> int:
    """Clear the decisions of `keep_best` that nobody has changed since; returns how many."""
    ids = [image_id for _, others in bulk.groups for image_id in others]
    mine = _waiting_to_be_deleted_by(ids, reviewer)
    if mine:
        decide(
            project_id,
            reviewer,
            [Op(number, tuple(batch), "clear") for number, batch in enumerate(batches(mine, 5_000))],
            _client(),
        )
    duplicates.resettle(project_id, ids)
    return len(mine)


def _open_groups(project_id: int, distance: int, across_labels: bool) -> Iterator[Copies]:
    ranks = () if across_labels else (ACROSS_SPLITS, WITHIN)
    for number in count(1):
        groups = duplicates.find_groups(project_id, distance, number, _PAGE, ranks=ranks)
        yield from (copies for copies in find_copies(groups) if across_labels or not copies.is_across_labels)
        if len(groups) < _PAGE:
            return


def _ordered(images: list[ImageRow], sharpness: dict[str, float]) -> list[Copy]:
    facts = [(image.width * image.height, sharpness.get(image.sha, 0.0), image.n_bytes) for image in images]
    order = [images[at] for at in best_first(facts)]
    between = duplicates.distances_between([image.id for image in images])
    best = order[0]
    return [
        Copy(image, sharpness.get(image.sha), between.get((min(image.id, best.id), max(image.id, best.id))))
        for image in order
    ]


def _check_few(image_ids: list[int]) -> None:
    if len(image_ids) > duplicates.MOST_AT_ONCE:
        raise BadInput(f"A group of {len(image_ids):,} pictures is too large for one word on it.", "Look more closely.")


def _undecided(image_ids: list[int]) -> list[int]:
    undecided: list[int] = []
    with reading() as session:
        for batch in batches(image_ids):
            query = select(Image.id).where(Image.id.in_(batch), Image.state == "active", Image.decision.is_(None))
            undecided += session.scalars(query)
    return undecided


def _waiting_to_be_deleted_by(image_ids: list[int], reviewer: str) -> list[int]:
    waiting: list[int] = []
    with reading() as session:
        for batch in batches(image_ids):
            query = select(Image.id).where(Image.id.in_(batch), Image.state == "active", Image.decision == "delete")
            waiting += session.scalars(query.where(Image.decided_by == reviewer))
    return waiting


def _client() -> str:
    return f"duplicates-{secrets.token_hex(8)}"  # new each time, as no click repeats another
