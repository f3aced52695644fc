"""The folder of a write-back: whether it is allowed, and which of its files show which image."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from curate import settings
from curate.catalog import projects, source_files
from curate.catalog.source_files import SourceFacts
from curate.errors import BadInput, BadPicture
from curate.gather.folders.label_choices import Entry
from curate.gather.sources import FolderSource, file_facts, read_file

Report = Callable[[int, int | None, str], None]
QUARANTINE = (
    ".curate-quarantine"  # hidden, so that no import looks into it; in the folder, so that moves stay on a disk
)
_LOT = 200


def choose(project_id: int, folder: str | None = None) -> Path:
    """Returns the folder to write back to: the named one, else the one the pictures were last copied from.

    Raises BadInput with a sentence on why there is none, or why it is not allowed.
    """
    name = projects.find_project(project_id).name
    known = source_files.folders(project_id)
    if folder is None and not known:
        raise BadInput(why_none(project_id, name), "Export writes the labels to a new folder.")
    root = Path(folder or known[0]).expanduser()
    if not root.is_dir():
        raise BadInput(f"The folder {root} is not there.", "Was it moved or renamed, or is its disk not connected?")
    root = root.resolve()
    _check(root)
    return root


def why_none(project_id: int, name: str) -> str:
    """Returns a sentence on why a project has no folder to write back to."""
    if source_files.has_links(project_id):
        return f"{name}'s pictures are read where they lie (linked), so Curate does not move them."
    return f"{name}'s pictures did not come from a folder on this machine, so there is none to write back to."


def recognise(project_id: int, root: Path, report: Report) -> None:
    """Find the files of images without a known file, by their bytes, for imports older than this record.

    It reads only files of the size of such an image, so in most folders none.
    """
    sizes = source_files.sizes_without_file(project_id)
    if not sizes:
        return
    report(0, None, "Looking for files")
    source = FolderSource(root, {label.name for label in projects.labels(project_id)})
    known = source_files.paths(project_id, str(root))
    unknown = [entry for entry in source.entries if entry.key not in known]
    facts_of_files: list[SourceFacts] = []
    for n, entry in enumerate(unknown, start=1):
        facts = file_facts(root / entry.key)
        if facts and facts[0] in sizes:
            facts_of_files += _hashed(root, entry, facts)
        if len(facts_of_files) >= _LOT or n == len(unknown):
            source_files.remember(project_id, str(root), facts_of_files)
            facts_of_files = []
        report(n, len(unknown), "Recognising files by their content")


def sha_of(path: Path) -> str | None:
    """Returns the SHA-256 of a file's bytes; None when it cannot be read."""
    try:
        return hashlib.sha256(read_file(path)).hexdigest()
    except BadPicture:
        return None


def is_straight(root: Path, path: str) -> bool:
    """Whether the file lies below the root by its own path: neither it nor a folder above it is a link elsewhere."""
    return os.path.realpath(root / path) == str(root / path)


def _check(root: Path) -> None:
    if root.is_relative_to(settings.home()) or settings.home().is_relative_to(root):
        raise BadInput(f"{root} holds, or belongs to, Curate's own data.", "Write back to a folder of your own.")
    if linked := source_files.linked_below(str(root)):
        names = ", ".join(name for _, name in linked[:3])
        raise BadInput(
            f"The project {names} reads pictures of {root} where they lie (linked): moving them would lose them there.",
            "Export writes the labels to a new folder.",
        )
    if not os.access(root, os.W_OK | os.X_OK):
        raise BadInput(
            f"Curate may not change anything in {root}.", "Give the user it runs as the right to write there."
        )


def _hashed(root: Path, entry: Entry, facts: tuple[int, int]) -> list[SourceFacts]:
    sha = sha_of(root / entry.key)
    return [SourceFacts(entry.key, sha, entry.label, entry.label_at, *facts)] if sha else []
