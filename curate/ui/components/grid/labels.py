"""What the grid's script needs to know of labels."""

from collections.abc import Iterable
from typing import Any

from curate.catalog.projects import LabelRow
from curate.ui.rendering.colours import label_colour


def as_labels(labels: Iterable[LabelRow]) -> list[dict[str, Any]]:
    """The project's labels with their colours and keys: those that were set, else 1 to 9 for the first nine."""
    found = list(labels)
    are_set = any(label.key for label in found)
    keys = (
        {label.id: label.key for label in found}
        if are_set
        else dict(zip((one.id for one in found), "123456789", strict=False))
    )
    return [
        {"id": label.id, "name": label.name, "colour": label_colour(label.position), "key": keys.get(label.id)}
        for label in found
    ]
