"""Pages of a run's images for the grid, as cheap at a million images as at ten thousand.

A page is a slice of the result of `listing.matching`; only its images are read from the catalog.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import select

from curate.catalog.database import reading
from curate.catalog.images import same_picture_elsewhere
from curate.catalog.tables.core import Blob, Image, Score
from curate.errors import BadInput
from curate.review.listing import random_draws
from curate.review.listing.filters import REVIEWED
from curate.review.listing.matching import Matching, matching
from curate.review.listing.orders import SORTS
from curate.review.listing.views import View
from curate.review.team.notes import Noted, newest_by_image

__all__ = ["REVIEWED", "SORTS", "Item", "Page", "View", "counts", "reread_page", "find_items", "find_page"]

FEWEST_OF_A_LABEL = 8  # on a page that shows the first of each label in turn


@dataclass(frozen=True)
class Item:
    """One card: an image with its score and its standing decision.

    row: its place in the run's arrays.  suggested_id: the label that the evidence supports, None = its own.
    p_suggested: its probability.  doubt: in [0, 1], 1 = bad; None in runs without doubts, as are the former two.
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
    same_picture_elsewhere: bool  # an image with the same bytes has another label
    row: int = 0
    doubt: float | None = None
    suggested_id: int | None = None
    p_suggested: float | None = None
    suggests_delete: bool = False
    asks_again: bool = False
    noted: Noted | None = None  # the newest note, flag or open question
    is_drawn: bool = False  # at random, in an order that says so

    @property
    def is_changed(self) -> bool:
        """Whether its label has changed since the run was trained."""
        return self.label_id != self.trained_label_id


@dataclass(frozen=True)
class Page:
    """A page of items.  number: from 1.  after: the place of its last card, None on the last page.

    n_matching: images that match all filters.  n_all, n_reviewed: without the filters on decisions.
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
    """Returns a page. after: from the page before; with it no image is skipped while decisions change the list.

    Any page costs the same. Raises BadInput, NotFound.
    """
    matches = matching(view)
    n_pages = _n_pages(view, matches, size)
    number = min(max(1, number), n_pages)
    ids, after = _ids(view, matches, number, size, after)
    items = _marked(view, matches, find_items(view.run_id, ids.tolist()))
    return Page(items, number, n_pages, matches.n, matches.n_all, matches.n_reviewed, after)


def find_items(run_id: int, image_ids: list[int]) -> list[Item]:
    """Returns the cards of these images, in this order, as they are now; images in the bin are left out."""
    cards = (
        select(*_CARD)
        .join(Image, Image.id == Score.image_id)
        .join(Blob, Blob.sha == Image.blob_sha)
        .where(Score.run_id == run_id, Image.state == "active", Score.image_id.in_(image_ids))
    )
    with reading() as session:
        rows = {row.image_id: row for row in session.execute(cards)}
    return _items([rows[image_id] for image_id in image_ids if image_id in rows])


def reread_page(view: View, number: int, size: int, image_ids: list[int], after: str | None) -> Page:
    """Returns a page that showed these images before, with their decisions now."""
    matches = matching(view)
    items = _marked(view, matches, find_items(view.run_id, image_ids))
    return Page(items, number, _n_pages(view, matches, size), matches.n, matches.n_all, matches.n_reviewed, after)


def counts(view: View) -> tuple[int, int]:
    """Returns (all, reviewed) active images of the view, without the filters on decisions."""
    matches = matching(view)
    return matches.n_all, matches.n_reviewed


def _marked(view: View, matches: Matching, items: list[Item]) -> list[Item]:
    if not view.order.marks_random:
        return items
    rows = random_draws.draws(matches.columns, view.order.n_random)
    drawn = set(matches.columns.image_ids[rows].tolist())
    return [replace(item, is_drawn=True) if item.image_id in drawn else item for item in items]


def _n_pages(view: View, matches: Matching, size: int) -> int:
    n, of_page = matches.n, size
    if view.is_in_turn and n:
        n, of_page = len(matches.in_turn), _n_labels_of_page(matches, size)
    return max(1, -(-n // max(1, of_page)))


def _ids(view: View, matches: Matching, number: int, size: int, after: str | None) -> tuple[np.ndarray, str | None]:
    """Returns the ids of the page's images, and the place after them."""
    if view.is_in_turn:
        return _ids_in_turn(matches, number, size, after)
    ids, last = matches.number((number - 1) * size, size) if after is None else matches.after(_whole(after), size)
    return ids, None if last is None else str(last)


def _ids_in_turn(matches: Matching, number: int, size: int, after: str | None) -> tuple[np.ndarray, str | None]:
    """Returns the first few images of each label in turn, and the place after them, counted in labels."""
    n_labels = _n_labels_of_page(matches, size)
    start = (number - 1) * n_labels if after is None else _whole(after)
    end = start + n_labels
    ids = matches.first_of(matches.in_turn[start:end], size // n_labels)
    return ids, str(end) if end < len(matches.in_turn) else None


def _n_labels_of_page(matches: Matching, size: int) -> int:
    return max(1, min(len(matches.in_turn), size // FEWEST_OF_A_LABEL))


def _whole(after: str) -> int:
    if not after.isdecimal() or len(after) > 9:
        raise BadInput(f"{after!r:.50} is no place in a list.")
    return int(after)


def _items(rows: list[Any]) -> list[Item]:
    image_ids = [row.image_id for row in rows]
    conflicting, with_notes = same_picture_elsewhere(image_ids), newest_by_image(image_ids)
    return [
        Item(same_picture_elsewhere=row.image_id in conflicting, noted=with_notes.get(row.image_id), **row._mapping)
        for row in rows
    ]  # fmt: skip
