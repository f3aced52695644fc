"""Pages of a run's images for the grid: filtered, sorted, and as cheap at a million images as at ten thousand.

Which images a page shows is a slice of what `review.matching` works out; only these are then read from the catalog.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select

from curate.catalog.database import reading
from curate.catalog.images import same_picture_elsewhere
from curate.catalog.tables.core import Blob, Image, Score
from curate.errors import BadInput
from curate.review.listing.filters import REVIEWED
from curate.review.listing.matching import Matching, matching
from curate.review.listing.orders import SORTS
from curate.review.listing.views import View
from curate.review.team.notes import Noted, newest_by_image

__all__ = ["REVIEWED", "SORTS", "Item", "Page", "View", "counts", "find_again", "find_items", "find_page"]

FEWEST_OF_A_LABEL = 8  # on a page that shows the first of each label in turn


@dataclass(frozen=True)
class Item:
    """One card: an image with its score and its standing decision; `row`: its place in the run's arrays.

    `suggested_id`: the label that the evidence supports, None = its own, with its probability `p_suggested`;
    `doubt` in [0, 1] is None in runs without doubts, and so are these.
    """

    image_id: int
    sha: str
    file_name: str
    width: int
    height: int
    split: str
    label_id: int
    trained_label_id: int
    predicted_id: int
    loss: float
    p_actual: float
    p_predicted: float
    decision: str | None
    decision_label_id: int | None
    decided_by: str | None
    is_checked: bool
    is_twin: bool  # the very same picture is filed under another label, too
    row: int = 0
    doubt: float | None = None
    suggested_id: int | None = None
    p_suggested: float | None = None
    suggests_delete: bool = False
    asks_again: bool = False
    noted: Noted | None = None  # the newest note, flag that is up, or question that waits

    @property
    def is_changed(self) -> bool:
        """Whether its label is no longer the one the run was trained with."""
        return self.label_id != self.trained_label_id


@dataclass(frozen=True)
class Page:
    """A page of items; `number` counts from 1, `after` is the place of its last card (None on the last page).

    n_all and n_reviewed leave the view's own `reviewed` filter out; n_matching are those of all the filters.
    """

    items: list[Item]
    number: int
    n_pages: int
    n_matching: int
    n_all: int
    n_reviewed: int
    after: str | None


# The columns of a card, named as in `Item`.
_CARD = (
    Image.id.label("image_id"), Image.blob_sha.label("sha"), Image.file_name, Blob.width, Blob.height, Score.split,
    Image.label_id, Score.label_id.label("trained_label_id"), Score.predicted_id, Score.loss, Score.p_actual,
    Score.p_predicted, Image.decision, Image.decision_label_id, Image.decided_by,
    Image.checked_at.is_not(None).label("is_checked"), Score.row, Score.doubt, Score.suggested_id, Score.p_suggested,
    Score.suggests_delete, Score.asks_again,
)  # fmt: skip


def find_page(view: View, number: int = 1, size: int = 48, after: str | None = None) -> Page:
    """The page of that number; `after`, from the page before, makes it exact while decisions change the list.

    Any page costs the same. Raises BadInput, NotFound.
    """
    found = matching(view)
    n_pages = _n_pages(view, found, size)
    number = min(max(1, number), n_pages)
    ids, after = _ids(view, found, number, size, after)
    return Page(find_items(view.run_id, ids.tolist()), number, n_pages, found.n, found.n_all, found.n_reviewed, after)


def find_items(run_id: int, image_ids: list[int]) -> list[Item]:
    """The cards of these images in this order, as they stand now; those in the bin are left out."""
    cards = (
        select(*_CARD)
        .join(Image, Image.id == Score.image_id)
        .join(Blob, Blob.sha == Image.blob_sha)
        .where(Score.run_id == run_id, Image.state == "active", Score.image_id.in_(image_ids))
    )
    with reading() as session:
        found = {row.image_id: row for row in session.execute(cards)}
    return _items([found[image_id] for image_id in image_ids if image_id in found])


def find_again(view: View, number: int, size: int, image_ids: list[int], after: str | None) -> Page:
    """A page that held these images when it was looked at first, with what is decided of them now."""
    found, items = matching(view), find_items(view.run_id, image_ids)
    return Page(items, number, _n_pages(view, found, size), found.n, found.n_all, found.n_reviewed, after)


def counts(view: View) -> tuple[int, int]:
    """(all, reviewed) images of the view, leaving its own `reviewed` filter out; the bin does not count."""
    found = matching(view)
    return found.n_all, found.n_reviewed


def _n_pages(view: View, found: Matching, size: int) -> int:
    n, of_page = found.n, size
    if view.is_in_turn and n:
        n, of_page = len(found.in_turn), _n_labels_of_page(found, size)
    return max(1, -(-n // max(1, of_page)))


def _ids(view: View, found: Matching, number: int, size: int, after: str | None) -> tuple[np.ndarray, str | None]:
    """Ids of the page's images, and the place after them."""
    if view.is_in_turn:
        return _ids_in_turn(found, number, size, after)
    ids, last = found.number((number - 1) * size, size) if after is None else found.after(_whole(after), size)
    return ids, None if last is None else str(last)


def _ids_in_turn(found: Matching, number: int, size: int, after: str | None) -> tuple[np.ndarray, str | None]:
    """The first few of each label, one label after the other; places count labels."""
    n_labels = _n_labels_of_page(found, size)
    start = (number - 1) * n_labels if after is None else _whole(after)
    end = start + n_labels
    ids = found.first_of(found.in_turn[start:end], size // n_labels)
    return ids, str(end) if end < len(found.in_turn) else None


def _n_labels_of_page(found: Matching, size: int) -> int:
    return max(1, min(len(found.in_turn), size // FEWEST_OF_A_LABEL))


def _whole(after: str) -> int:
    if not after.isdecimal() or len(after) > 9:
        raise BadInput(f"{after!r:.50} is no place in a list.")
    return int(after)


def _items(rows: list[Any]) -> list[Item]:
    image_ids = [row.image_id for row in rows]
    twins, with_notes = same_picture_elsewhere(image_ids), newest_by_image(image_ids)
    return [
        Item(is_twin=row.image_id in twins, noted=with_notes.get(row.image_id), **row._mapping)
        for row in rows
    ]  # fmt: skip
