"""What the grid's script needs to know of labels."""

from collections.abc import Iterable
from typing import TypedDict

from curate.catalog.projects import LabelRow
from curate.ui.rendering.colours import label_colour

NO_LABEL_KEY = "."


class GridLabelJson(TypedDict):
    """A label as the grid's script reads it; is_none: it stands for no label, and its key cannot be set."""

    id: int
    name: str
    colour: str
    key: str | None
    is_none: bool


def as_labels(labels: Iterable[LabelRow]) -> list[GridLabelJson]:
    """Returns the labels with their colours and keys: those that were set, else 1 to 9 for the first nine.

    The one that stands for no label comes last and has the key `NO_LABEL_KEY`.
    """
    rows = list(labels)
    listed = [label for label in rows if label.position >= 0]
    are_set = any(label.key for label in listed)
    keys = (
        {label.id: label.key for label in listed}
        if are_set
        else dict(zip((label.id for label in listed), "123456789", strict=False))
    )
    keys |= {label.id: NO_LABEL_KEY for label in rows if label.position < 0}
    return [
        {
            "id": label.id, "name": label.name, "colour": label_colour(label.position), "key": keys.get(label.id),
            "is_none": label.position < 0,
        }
        for label in rows
    ]  # fmt: skip
