"""What an import reads from: a folder or loose files; zips in archives.py. Names in them are never paths to write."""

import os
import stat
import unicodedata
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Protocol

from curate.catalog.projects import clean_name
from curate.catalog.tables.core import UNLABELLED
from curate.errors import BadInput, BadPicture
from curate.gather.folders.folder_names import EMPTY_FOLDER, by_number, is_hidden, is_system
from curate.gather.folders.label_choices import Entry, LabelChoices, Labelled, label_files

MAX_FILE_BYTES = 500_000_000  # a 200-megapixel TIFF has 600 MB at most; what is larger is a film or a bomb
AS_FOUND = LabelChoices()
_OWN = (".curate-quarantine", ".git")  # nobody's pictures: where a write-back lays deleted files, and a repository
Spot = tuple[int, int]


class Source(Protocol):
    """Entries in a fixed order, what was left out already as (file, reason), and a way to read an entry's bytes."""

    name: str
    kind: str
    entries: list[Entry]
    refused: list[tuple[str, str]]

    def read(self, entry: Entry) -> bytes:
        """The file's bytes; safe from several threads. Raises BadPicture when they cannot be had."""

    def origins(self, entries: list[Entry]) -> list[dict[str, Any]]:
        """What to remember of where each of them came from."""

    def linked_path(self, entry: Entry) -> Path | None:
        """Where the file lies when it is to be left there; None when its bytes are to be stored."""


class NamedFiles:
    """What sources of files with paths have in common: they remember which of them it was, and the path in it.

    labelled: what their folders say, `choices` taken into account.  takes_unlabelled: as in `LabelChoices`.
    """

    name: str
    kind: str
    labelled: Labelled
    takes_unlabelled: bool

    def label(self, found: list[tuple[str, Any]], known_labels: Collection[str], choices: LabelChoices) -> None:
        """Set entries and refused from the (path, key) pairs, "2" before "10"."""
        found.sort(key=lambda each: by_number(each[0]))
        self.labelled, self.takes_unlabelled = label_files(found, known_labels, choices), choices.takes_unlabelled
        self.entries, self.refused = self.labelled.entries, self.labelled.outside

    def linked_path(self, entry: Entry) -> Path | None:
        """None: the bytes are stored."""
        return None

    def origins(self, entries: list[Entry]) -> list[dict[str, Any]]:
        """What to remember of where each of them came from."""
        return [{"source": self.kind, "name": self.name, "path": entry.path} for entry in entries]


class FolderSource(NamedFiles):
    """Every file below a folder; links are followed, but no folder is walked twice under one label.

    `root`: its full path; `facts`: (bytes, time of the last change in ns) of every file that was read, by its key, from
    just before. A folder that cannot be read is one refused entry; raises BadInput when it is the root.
    """

    kind = "folder"

    def __init__(
        self, folder: Path, known_labels: Collection[str], is_linked: bool = False, choices: LabelChoices = AS_FOUND
    ) -> None:
        if not folder.is_dir():
            raise BadInput(f"There is no folder {readable(str(folder))}.", "Give the full path of a folder.")
        self.name = readable(folder.resolve().name) or "/"
        self.root = folder.resolve()
        self.is_linked = is_linked
        self.facts: dict[str, tuple[int, int]] = {}
        without_files: list[tuple[str, str]] = []
        files = [(readable(path), path) for path in _files_below(folder, without_files)]
        self.label(files, known_labels, choices)
        self.refused += without_files

    def read(self, entry: Entry) -> bytes:
        """The file's bytes."""
        path = self.root / entry.key
        if facts := file_facts(path):
            self.facts[entry.key] = facts
        return read_file(path)

    def linked_path(self, entry: Entry) -> Path | None:
        """The file itself, when the folder is linked."""
        return self.root / entry.key if self.is_linked else None


class TreeSource(NamedFiles):
    """Files that lie somewhere, with the paths that tell their labels: an uploaded folder, a data set."""

    def __init__(
        self,
        name: str,
        kind: str,
        files: list[tuple[str, Path]],
        known_labels: Collection[str],
        choices: LabelChoices = AS_FOUND,
    ) -> None:
        self.name = readable(name)
        self.kind = kind
        self.label([(tidy(readable(path)), file) for path, file in files], known_labels, choices)

    def read(self, entry: Entry) -> bytes:
        """The file's bytes."""
        return read_file(entry.key)


class FilesSource(NamedFiles):
    """Loose files, all under one label or, with `UNLABELLED`, under none."""

    kind = "files"

    def __init__(self, label: str, files: list[tuple[str, Path]]) -> None:
        self.name = f"{len(files):,} files"
        label = label if label == UNLABELLED else clean_name(label, "label")
        self.refused: list[tuple[str, str]] = []
        self.entries = [Entry(tidy(readable(name)) or "unnamed", label, None, path) for name, path in files]

    def read(self, entry: Entry) -> bytes:
        """The file's bytes."""
        return read_file(entry.key)


def read_file(path: Path) -> bytes:
    """A regular file's bytes. Raises BadPicture for devices and pipes, what is too large or cannot be read.

    No more is read than the file says it holds: files of the kernel's, such as /proc/kmsg, say 0 and wait for more.
    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise BadPicture("It is a device or a pipe, not a file.")
        check_bytes(facts.st_size)
        with path.open("rb") as file:
            return file.read(facts.st_size)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name cannot be used"
        raise BadPicture(f"The file cannot be opened: {reason}.") from error


def file_facts(path: Path) -> tuple[int, int] | None:
    """(bytes, time of the last change in ns) of a file; None when there is none that can be looked at."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns


def readable(name: str) -> str:
    """`name` as text that any database takes: bytes that are no UTF-8 are read as Latin-1, controls replaced."""
    try:
        name.encode()
    except UnicodeEncodeError:
        name = name.encode(errors="surrogateescape").decode("latin-1")
    # Macs hand out letters and accents apart: the same label would exist twice.
    name = unicodedata.normalize("NFC", name)
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if ord(letter) < 32 or 127 <= ord(letter) < 160 else letter for letter in name
    )


def _files_below(root: Path, without_files: list[tuple[str, str]]) -> Iterator[str]:
    """Relative paths, as the file system has them, of all files below, hidden ones too; not the system's own.

    A link to a folder above itself is not followed: it would file other labels' pictures under this one. Folders that
    are empty or cannot be read are added to `without_files` as (path, reason).
    """
    seen: set[tuple[str, Spot]] = set()
    waiting: list[tuple[str, frozenset[Spot]]] = [("", frozenset([_spot(root.stat())]))]
    while waiting:
        inside, above = waiting.pop()
        for item in _listed(root, inside, without_files):
            path = f"{inside}/{item.name}" if inside else item.name
            if is_system(item.name) or item.name in _OWN:
                continue
            if not _is_folder(item):
                yield path
                continue
            spot = _spot(item.stat())
            top = "/".join(path.split("/")[:2])  # the label's folder, below train/ too
            if spot not in above and (top, spot) not in seen:
                seen.add((top, spot))
                waiting.append((path, above | {spot}))


def _listed(root: Path, inside: str, without_files: list[tuple[str, str]]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root / inside) as items:
            listed = list(items)
    except OSError as error:
        sentence = f"The folder cannot be read: {error.strerror}."
        if not inside:
            raise BadInput(f"{readable(str(root))}: {sentence}") from error
        without_files.append((f"{readable(inside)}/", sentence))
        return []
    if not listed and inside and not any(map(is_hidden, inside.split("/"))):
        without_files.append((f"{readable(inside)}/", EMPTY_FOLDER))
    return listed


def _is_folder(item: os.DirEntry[str]) -> bool:
    try:
        return item.is_dir()
    except OSError:  # a link that leads round in circles: an unreadable file, to be listed as such
        return False


def _spot(facts: os.stat_result) -> Spot:
    """Which folder it really is, by whatever path it was reached."""
    return facts.st_dev, facts.st_ino


def tidy(name: str) -> str:
    """The path without the parts that would lead elsewhere."""
    return "/".join(part for part in name.split("/") if part not in ("", ".", ".."))


def check_bytes(n_bytes: int) -> None:
    """Raise BadPicture for a file that is too large."""
    if n_bytes > MAX_FILE_BYTES:
        raise BadPicture(f"The file has {n_bytes / 1e6:,.0f} MB; the limit is {MAX_FILE_BYTES / 1e6:,.0f} MB.")
