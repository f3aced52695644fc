"""Which label every file of a source gets: as its folders say, and as a person changed it before the import."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from curate.catalog.projects import clean_name
from curate.catalog.tables.core import UNLABELLED
from curate.errors import BadInput
from curate.gather.folders.folder_labels import AUTO, NO_LABELS, Place, parse_layout, read_places
from curate.gather.folders.folder_names import is_hidden, is_picture, is_system
from curate.safe_names import folder_names

HIDDEN = "A leading dot hides it or its folder."
SKIPPED = "You left its label out."


@dataclass(frozen=True, slots=True)
class Entry:
    """One file on its way in. `path` is for people; `key` is what its source finds it by; `label_at`: which part of
    the path is its label's folder. A file without a label has the label `UNLABELLED`."""

    path: str
    label: str
    split: str | None
    key: Any
    label_at: int = 0

    @property
    def file_name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class LabelChoices:
    """layout: "auto", or a stated one as in `folder_labels.read_places`; names: {label as its folder is named: what it
    is to be called, None = it is left out}. Two labels with one name are merged.  takes_unlabelled: pictures that lie
    in no label's folder come in without a label, instead of staying outside."""

    layout: str = AUTO
    names: dict[str, str | None] = field(default_factory=dict)
    takes_unlabelled: bool = False

    def checked(self) -> "LabelChoices":
        """The same with tidy names. Raises BadInput for a layout or a name that cannot be used."""
        if self.layout not in (AUTO, NO_LABELS):
            parse_layout(self.layout)
        names = {old: new if new is None else clean_name(new, "label") for old, new in self.names.items()}
        changed = {old: new for old, new in names.items() if old != new}
        return LabelChoices(self.layout, changed, self.takes_unlabelled)

    def to_json(self) -> dict[str, Any]:
        """What a job's args hold; empty when nothing was chosen."""
        layout = {} if self.layout == AUTO else {"layout": self.layout}
        unlabelled = {"unlabelled": True} if self.takes_unlabelled else {}
        return layout | ({"labels": self.names} if self.names else {}) | unlabelled

    @staticmethod
    def from_json(stored: dict[str, Any]) -> "LabelChoices":
        """Those in a job's args."""
        return LabelChoices(stored.get("layout", AUTO), stored.get("labels", {}), bool(stored.get("unlabelled")))


@dataclass(frozen=True)
class Labelled:
    """entries: the files with a label; outside: the others as (path, reason); paths, places: of every file that is not
    hidden, in order; taken: (label as its folder is named, chosen name or None, path, split) of those in a label's.
    n_unlabelled: pictures by name that lie in no label's folder, whether they come in or not."""

    entries: list[Entry]
    outside: list[tuple[str, str]]
    paths: list[str]
    places: list[Place]
    taken: list[tuple[str, str | None, str, str | None]]
    n_unlabelled: int = 0


def label_files(found: Iterable[tuple[str, Any]], known_labels: Collection[str], choices: LabelChoices) -> Labelled:
    """Give each of the (path, key) pairs its label, in order; known_labels: the project's, in its order.

    A folder named as a known label had to be written (`AC_DC` for `AC/DC`) is that label's. Files of the operating
    system, and hidden ones that are no pictures by name, are left out without a word. Raises BadInput for a layout.
    """
    folders = folder_names(known_labels)
    written = {folder: label for label, folder in folders.items() if folder not in folders}
    outside: list[tuple[str, str]] = []
    shown: list[tuple[str, Any]] = []
    for path, key in found:
        parts = path.split("/")
        if not path or any(map(is_system, parts)):
            continue
        if not any(map(is_hidden, parts)):
            shown.append((path, key))
        elif is_picture(path):
            outside.append((path, HIDDEN))
    paths = [path for path, _ in shown]
    places = read_places(paths, set(known_labels) | set(written), choices.layout)
    entries: list[Entry] = []
    taken: list[tuple[str, str | None, str, str | None]] = []
    n_unlabelled = 0
    for (path, key), place in zip(shown, places, strict=True):
        if place.label is None and is_picture(path):
            n_unlabelled += 1
            if choices.takes_unlabelled:
                entries.append(Entry(path, UNLABELLED, None, key, place.label_at))
                continue
        try:
            folder = _label_of(place, written)
        except BadInput as error:
            outside.append((path, str(error)))
            continue
        label = choices.names.get(folder, folder)
        taken.append((folder, label, path, place.split))
        if label is None:
            outside.append((path, SKIPPED))
        else:
            entries.append(Entry(path, label, place.split, key, place.label_at))
    return Labelled(entries, outside, paths, places, taken, n_unlabelled)


def _label_of(place: Place, written: dict[str, str]) -> str:
    """The label that the folder stands for; raises BadInput with the reason when the file stays outside."""
    if place.label is None:
        raise BadInput(place.reason)
    return clean_name(written.get(place.label, place.label), "label")
