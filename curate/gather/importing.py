"""Import: a folder tree, a zip of one, or loose files become images of a project, in one new version."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Report = Callable[[int, int, str], None]  # (done, total, message); whatever it raises ends the import, losing nothing


@dataclass
class ImportResult:
    """What an import did; files that were left out are listed, not lost.

    refused: (file, reason); two_labels: groups of "label/file" that show the same picture under different labels;
    n_known: files whose picture the project has under that label already; n_duplicates: files with the same bytes as
    another of this import under the same label; leaks: files that were moved off the side they were given in
    (train/ or valid/) because a near-duplicate lies on the other.
    """

    version_id: int = 0
    n_found: int = 0
    n_added: int = 0
    n_known: int = 0
    n_duplicates: int = 0
    n_near_duplicate_groups: int = 0
    seconds: float = 0.0
    refused: list[tuple[str, str]] = field(default_factory=list)
    two_labels: list[list[str]] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    @property
    def n_leaks(self) -> int:
        """How many images were moved off the side they were given in."""
        return len(self.leaks)

    def to_json(self) -> dict[str, Any]:
        """What the job row stores as its result."""
        return asdict(self)


def import_folder(project_id: int, folder: Path, author: str, report: Report, layout: str = "labels") -> ImportResult:
    """Take in every picture below `folder`, one sub-folder a label; nothing in the folder is touched."""
    raise NotImplementedError


def import_archive(project_id: int, zip_path: Path, author: str, report: Report) -> ImportResult:
    """Take in a zip of such a folder, read member by member; no name in it ever becomes a path."""
    raise NotImplementedError


def import_files(
    project_id: int, label: str, files: list[tuple[str, Path]], author: str, report: Report
) -> ImportResult:
    """Take in loose (file name, where it lies) files under one label."""
    raise NotImplementedError
