"""A zip of pictures to predict: all of its files, whatever folders they lie in."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from curate.gather.archives import ArchiveSource
from curate.gather.folders.folder_names import by_number, is_system
from curate.gather.folders.label_choices import Entry, LabelChoices


class PictureArchive(ArchiveSource):
    """Its members are read one by one into memory, as an import does. `members`: their paths. Raises BadInput."""

    def __init__(self, zip_path: Path, name: str) -> None:
        super().__init__(zip_path, name, set())
        self.members = [entry.path for entry in self.entries]

    def label(self, found: list[tuple[str, Any]], known_labels: Collection[str], choices: LabelChoices) -> None:
        """Let every file be an entry without a label; those of the system are none."""
        found.sort(key=lambda each: by_number(each[0]))
        self.refused = []
        self.entries = [
            Entry(path, "", None, info) for path, info in found if not any(is_system(part) for part in path.split("/"))
        ]

    def read_member(self, number: int) -> bytes:
        """The bytes of a member. Raises BadPicture."""
        return self.read(self.entries[number])
