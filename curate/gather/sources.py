"""What an import reads from: a folder, a zip archive, or loose files. Names in them are words, never paths to write."""

import lzma
import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from curate.catalog.projects import clean_name
from curate.errors import BadInput, BadPicture
from curate.gather.folder_labels import by_number, is_ignored, label_at, places

MAX_FILE_BYTES = 500_000_000  # a 200-megapixel TIFF has 600 MB at most; what is larger is a film or a bomb
MAX_UNPACKED_BYTES = 2_000_000_000  # an archive may always unpack to this much, and else
MAX_RATIO = 50  # to so many times its own size: pictures hardly shrink, bombs shrink a thousandfold
Spot = tuple[int, int]
# What zipfile was seen to raise on damaged archives.
_ZIP_ERRORS: tuple[type[Exception], ...] = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, RuntimeError, ValueError, LookupError, MemoryError),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file on its way in. `path` is for people; `key` is what its source finds it by."""

    path: str
    label: str
    split: str | None
    key: Any

    @property
    def file_name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


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


class _Files:
    """What sources of files have in common: they remember which of them it was, and the path in it."""

    name: str
    kind: str

    def linked_path(self, entry: Entry) -> Path | None:
        """None: the bytes are stored."""
        return None

    def origins(self, entries: list[Entry]) -> list[dict[str, Any]]:
        """What to remember of where each of them came from."""
        return [{"source": self.kind, "name": self.name, "path": entry.path} for entry in entries]


class FolderSource(_Files):
    """Every file below a folder; links are followed, but no folder is walked twice under one label.

    `root`: its full path; `label_at`: which part of an entry's key names its label; `facts`: (bytes, time of the last
    change in ns) of every file that was read, by its key, from just before.
    """

    kind = "folder"

    def __init__(self, folder: Path, known_labels: set[str], is_linked: bool = False) -> None:
        if not folder.is_dir():
            raise BadInput(f"There is no folder {readable(str(folder))}.", "Give the full path of a folder.")
        self.name = readable(folder.resolve().name) or "/"
        self.root = folder.resolve()
        self.is_linked = is_linked
        self.facts: dict[str, tuple[int, int]] = {}
        found = sorted(_files_below(folder), key=by_number)
        named = [(readable(path), path) for path in found]
        self.entries, self.refused = _placed(named, known_labels)
        self.label_at = label_at([path for path, _ in named], known_labels) if named else 0

    def read(self, entry: Entry) -> bytes:
        """The file's bytes."""
        path = self.root / entry.key
        if facts := file_facts(path):
            self.facts[entry.key] = facts
        return read_file(path)

    def linked_path(self, entry: Entry) -> Path | None:
        """The file itself, when the folder is linked."""
        return self.root / entry.key if self.is_linked else None


class TreeSource(_Files):
    """Files that lie somewhere, with the paths that tell their labels: an uploaded folder, a data set."""

    def __init__(self, name: str, kind: str, files: list[tuple[str, Path]], known_labels: set[str]) -> None:
        self.name = readable(name)
        self.kind = kind
        named = [(_tidy(readable(path)), file) for path, file in files]
        kept = [(path, file) for path, file in named if path and not any(map(is_ignored, path.split("/")))]
        kept.sort(key=lambda each: by_number(each[0]))
        self.entries, self.refused = _placed(kept, known_labels)

    def read(self, entry: Entry) -> bytes:
        """The file's bytes."""
        return read_file(entry.key)


class ArchiveSource(_Files):
    """The members of a zip, read one by one into memory; nothing is unpacked to disk. Close it when done."""

    kind = "archive"

    def __init__(self, zip_path: Path, name: str, known_labels: set[str]) -> None:
        self.name = readable(name)
        with _as_sentence(f"{self.name} is not a zip archive that can be read.", BadInput):
            self._zip = zipfile.ZipFile(zip_path)
        members = [(_member_path(info), info) for info in self._zip.infolist() if not info.is_dir()]
        self._check_size(members, zip_path.stat().st_size)
        kept = [(path, info) for path, info in members if path and not any(map(is_ignored, path.split("/")))]
        kept.sort(key=lambda member: by_number(member[0]))
        self.entries, self.refused = _placed(kept, known_labels)

    def read(self, entry: Entry) -> bytes:
        """The member's bytes, unpacked."""
        info: zipfile.ZipInfo = entry.key
        if info.flag_bits & 1:
            raise BadPicture("It is locked with a password.", "Pack the archive without one.")
        _check_bytes(info.file_size)
        with _as_sentence("Its part of the archive is damaged.", BadPicture), self._zip.open(info) as member:
            return member.read(MAX_FILE_BYTES)

    def close(self) -> None:
        """Let the archive go."""
        self._zip.close()

    def _check_size(self, members: list[tuple[str, zipfile.ZipInfo]], n_bytes: int) -> None:
        unpacked = sum(info.file_size for _, info in members)
        ratio = unpacked // max(n_bytes, 1)
        if unpacked > max(MAX_UNPACKED_BYTES, MAX_RATIO * n_bytes):
            self._zip.close()
            raise BadInput(
                f"{self.name} would unpack to {unpacked / 1e9:,.0f} GB, {ratio:,} times its size.",
                "Packed pictures hardly shrink; this looks like a trap. Unpack it yourself and import the folder.",
            )


class FilesSource(_Files):
    """Loose files, all under one label."""

    kind = "files"

    def __init__(self, label: str, files: list[tuple[str, Path]]) -> None:
        self.name = f"{len(files):,} files"
        label = clean_name(label, "label")
        self.refused: list[tuple[str, str]] = []
        self.entries = [Entry(_tidy(readable(name)) or "unnamed", label, None, path) for name, path in files]

    def read(self, entry: Entry) -> bytes:
        """The file's bytes."""
        return read_file(entry.key)


def read_file(path: Path) -> bytes:
    """A regular file's bytes. Raises BadPicture for devices and pipes, what is too large or cannot be read."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise BadPicture("It is a device or a pipe, not a file.")
        _check_bytes(facts.st_size)
        return path.read_bytes()
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


def _files_below(root: Path) -> Iterator[str]:
    """Relative paths, as the file system has them, of all files below; hidden ones and system files are left out.

    A link to a folder above itself is not followed: it would file other labels' pictures under this one.
    """
    seen: set[tuple[str, Spot]] = set()
    waiting: list[tuple[str, frozenset[Spot]]] = [("", frozenset([_spot(root.stat())]))]
    while waiting:
        inside, above = waiting.pop()
        for item in _listed(root / inside):
            path = f"{inside}/{item.name}" if inside else item.name
            if is_ignored(item.name):
                continue
            if not _is_folder(item):
                yield path
                continue
            spot = _spot(item.stat())
            top = "/".join(path.split("/")[:2])  # the label's folder, below train/ too
            if spot not in above and (top, spot) not in seen:
                seen.add((top, spot))
                waiting.append((path, above | {spot}))


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as items:
            return list(items)
    except OSError as error:
        raise BadInput(f"The folder {readable(str(folder))} cannot be read: {error.strerror}.") from error


def _is_folder(item: os.DirEntry[str]) -> bool:
    try:
        return item.is_dir()
    except OSError:  # a link that leads round in circles: an unreadable file, to be listed as such
        return False


def _spot(facts: os.stat_result) -> Spot:
    """Which folder it really is, by whatever path it was reached."""
    return facts.st_dev, facts.st_ino


def _member_path(info: zipfile.ZipInfo) -> str:
    """The member's name with "/" between parts, without the parts that would lead elsewhere."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:  # not marked as UTF-8, and yet it mostly is
        raw = name.encode("cp437")
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            name = raw.decode("cp437")
    if "\\" in name and "/" not in name:  # packed on Windows by something old
        name = name.replace("\\", "/")
    return _tidy(readable(name))


def _tidy(name: str) -> str:
    return "/".join(part for part in name.split("/") if part not in ("", ".", ".."))


def _placed(found: list[tuple[str, Any]], known_labels: set[str]) -> tuple[list[Entry], list[tuple[str, str]]]:
    """Entries of the (path, key) pairs that lie in a label's folder, and the others with the reason."""
    entries: list[Entry] = []
    refused: list[tuple[str, str]] = []
    for (path, key), place in zip(found, places([path for path, _ in found], known_labels), strict=True):
        try:
            if place.label is None:
                raise BadInput("It lies in no label's folder.")
            entries.append(Entry(path, clean_name(place.label, "label"), place.split, key))
        except BadInput as error:
            refused.append((path, str(error)))
    return entries, refused


def _check_bytes(n_bytes: int) -> None:
    if n_bytes > MAX_FILE_BYTES:
        raise BadPicture(f"The file has {n_bytes / 1e6:,.0f} MB; the limit is {MAX_FILE_BYTES / 1e6:,.0f} MB.")


@contextmanager
def _as_sentence(sentence: str, kind: type[BadInput] | type[BadPicture]) -> Iterator[None]:
    """What a damaged archive makes zipfile raise, as `kind`."""
    try:
        yield
    except _ZIP_ERRORS as error:
        raise kind(sentence) from error
