"""Where an image stands in a view: on which page, wherever that is."""

from dataclasses import dataclass

import numpy as np

from curate.review.listing.filters import MAX_TEXT
from curate.review.listing.matching import matching
from curate.review.listing.views import View


@dataclass(frozen=True)
class Place:
    """An image of a view, and the page (from 1) that it stands on now."""

    image_id: int
    page: int


def find_place(view: View, text: str, size: int) -> Place | None:
    """Of the view's images the first whose file name has `text` in it, or the one numbered so ("#123"); None = none.

    size: images on a page. Some 50 ms at a million images. Views that show the first few of each label have no pages
    to count: None.
    """
    text = text.strip()[:MAX_TEXT]
    if view.is_in_turn or not text:
        return None
    found = matching(view)
    rows, known = found.rows(), found.columns
    is_meant = known.image_ids[rows] == _number(text) if text.startswith("#") else known.has_text(text)[rows]
    if not is_meant.any():
        return None
    place = int(np.argmax(is_meant))
    return Place(int(known.image_ids[rows[place]]), place // size + 1)


def _number(text: str) -> int:
    """The number after #; -1, which no image has, when it is none."""
    digits = text.removeprefix("#")
    return int(digits) if digits.isdecimal() and len(digits) < 18 else -1
