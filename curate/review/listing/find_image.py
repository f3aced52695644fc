"""Finds the page of an image in a view."""

from dataclasses import dataclass

import numpy as np

from curate import whole_number
from curate.review.listing.filters import MAX_TEXT
from curate.review.listing.matching import matching
from curate.review.listing.views import View


@dataclass(frozen=True)
class Place:
    """An image of a view, and its page now, from 1."""

    image_id: int
    page: int


def find_place(view: View, text: str, size: int) -> Place | None:
    """Returns the first image of the view with `text` in its file name, or with that number ("#123").

    size: images on a page. None when nothing matches, and for views that show each label in turn: they have no fixed
    pages. It takes some 50 ms at a million images.
    """
    text = text.strip()[:MAX_TEXT]
    if view.is_in_turn or not text:
        return None
    matches = matching(view)
    rows, known = matches.rows(), matches.columns
    is_meant = known.image_ids[rows] == _id_after_hash(text) if text.startswith("#") else known.has_text(text)[rows]
    if not is_meant.any():
        return None
    place = int(np.argmax(is_meant))
    return Place(int(known.image_ids[rows[place]]), place // size + 1)


def _id_after_hash(text: str) -> int:
    """Returns the number after #; -1, which no image has, when there is none."""
    number = whole_number.parse(text.removeprefix("#"))
    return -1 if number is None else number
