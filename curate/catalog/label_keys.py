"""The keys of labels: one character that relabels to a label while reviewing, set per project."""

from collections.abc import Mapping

from sqlalchemy import select

from curate.catalog.database import writing
from curate.catalog.tables.core import Label
from curate.errors import BadInput, NotFound

# What the grid itself answers to; `ui/components/grid/script/keys.js` is the list in full (a test compares).
TAKEN = "acdfgiknprux /?+-=h0."


def set_keys(project_id: int, keys: Mapping[int, str]) -> None:
    """Set the keys of these labels, and remove those of the project's others; {} = 1 to 9 by position.

    keys: {label id: one character}; case does not matter. Raises BadInput for a key that is not one character, or
    belongs to the grid or another label; NotFound for an unknown label; then nothing changes.
    """
    chosen = {label_id: _checked(key) for label_id, key in keys.items()}
    for key in chosen.values():
        if list(chosen.values()).count(key) > 1:
            raise BadInput(f"The key “{key}” is given to two labels.", "Every label needs a key of its own.")
    with writing(project_id) as session:
        labels = session.scalars(select(Label).where(Label.project_id == project_id, Label.position >= 0)).all()
        unknown = set(chosen) - {label.id for label in labels}
        if unknown:
            raise NotFound(f"The project has no label with number {min(unknown)}.")
        for label in labels:
            label.key = chosen.get(label.id)


def _checked(key: str) -> str:
    small = key.lower()
    if len(small) != 1 or not small.isprintable():
        raise BadInput(f"A label's key is one character, not {key!r:.20}.")
    if small in TAKEN:
        raise BadInput(f"The key “{small}” means something else in the grid already.", "The key ? lists all of them.")
    return small
