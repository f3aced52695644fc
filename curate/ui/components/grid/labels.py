"""What the grid's script needs to know of labels."""

from collections.abc import Iterable
from typing import TypedDict

from curate.catalog.projects import LabelRow
from curate.ui.rendering.colours import label_colour


class GridLabelJson(TypedDict):
    """A label as the grid's script reads it."""

    id: int
    name: str
    colour: str
    key: str | None


def as_labels(labels: Iterable[LabelRow]) -> list[GridLabelJson]:
    """The project's labels with their colours and keys: those that were set, else 1 to 9 for the first nine."""
    listed = list(labels)
    are_set = any(label.key for label in listed)
    keys = (
        {label.id: label.key for label in listed}
        if are_set
        else dict(zip((label.id for label in listed), "123456789", strict=False))
    )
    return [
        {"id": label.id, "name": label.name, "colour": label_colour(label.position), "key": keys.get(label.id)}
        for label in listed
    ]
