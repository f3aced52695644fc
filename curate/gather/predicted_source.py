"""Pictures that somebody adds from Predict, each under its own label."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.catalog.projects import clean_name
from curate.catalog.tables.core import UNLABELLED
from curate.gather.folders.label_choices import Entry
from curate.gather.sources import read_file, readable, tidy


@dataclass(frozen=True)
class PredictedFile:
    """A file to take in.

    label: may be `UNLABELLED`.  predicted: the label that the run gave it.  address: where it was fetched from, or "".
    """

    name: str
    path: Path
    label: str
    predicted: str
    address: str = ""


def _label_of(file: PredictedFile) -> str:
    return UNLABELLED if file.label == UNLABELLED else clean_name(file.label, "label")


class PredictedSource:
    """The files, with the run and the person that they owe their labels to. Raises BadInput for an impossible label."""

    kind = "predict"

    def __init__(self, run: str, author: str, files: list[PredictedFile]) -> None:
        self.name = "Predict"
        self._by = f"Predict, {run}, added by {author}"
        self.refused: list[tuple[str, str]] = []
        self.entries = [Entry(tidy(readable(file.name)) or "unnamed", _label_of(file), None, file) for file in files]

    def read(self, entry: Entry) -> bytes:
        """The file's bytes."""
        return read_file(entry.key.path)

    def linked_path(self, entry: Entry) -> Path | None:
        """None: the bytes are stored."""
        return None

    def origins(self, entries: list[Entry]) -> list[dict[str, Any]]:
        """What to remember of where each of them came from: run, person, file name, predicted label, address."""
        return [
            {
                "source": self.kind, "name": self._by, "path": entry.path, "original_path": entry.path,
                "predicted label": entry.key.predicted, "url": entry.key.address,
            }
            for entry in entries
        ]  # fmt: skip
