"""Zip archives written as a stream: entries stored as they are, the directory kept on disk, ZIP64 where it is needed.

`zipfile` holds an object for each entry until the end, 600 MB for a million. The layout is PKWARE's APPNOTE 6.3.10.
"""

import struct
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Protocol

_MAX_32, _MAX_16 = 0xFFFFFFFF, 0xFFFF
_UTF8 = 0x800  # the flag that names are UTF-8
_UNIX = 3 << 8
_MODE = 0o100644 << 16
_CHUNK = 1 << 20


class Sink(Protocol):
    """What the archive goes to; it need not seek."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""


class ZipStream:
    """An archive that is written to `out`, its directory to `directory` until `finish`.

    n_bytes, n_entries: how much is written already, of an archive that goes on.
    """

    def __init__(self, out: Sink, directory: IO[bytes], n_bytes: int = 0, n_entries: int = 0) -> None:
        self._out = out
        self._directory = directory
        self.n_bytes = n_bytes
        self.n_entries = n_entries

    def add(self, name: str, data: bytes, when: datetime) -> None:
        """Add an entry."""
        self._begin(name, len(data), zlib.crc32(data), when)
        self._write(data)

    def add_file(self, name: str, path: Path, when: datetime) -> None:
        """Add a file of any size, which is read twice: its checksum stands before it."""
        for _ in self.adding_file(name, path, when):
            pass

    def adding_file(self, name: str, path: Path, when: datetime) -> Iterator[None]:
        """The same, a megabyte between two steps."""
        with path.open("rb") as file:
            crc = n_bytes = 0
            while chunk := file.read(_CHUNK):
                crc, n_bytes = zlib.crc32(chunk, crc), n_bytes + len(chunk)
            file.seek(0)
            self._begin(name, n_bytes, crc, when)
            while chunk := file.read(_CHUNK):
                self._write(chunk)
                yield

    def finish(self) -> None:
        """Write the directory and the end."""
        begins_at, n_entries = self.n_bytes, self.n_entries
        self._directory.flush()
        self._directory.seek(0)
        while chunk := self._directory.read(_CHUNK):
            self._write(chunk)
        size = self.n_bytes - begins_at
        if n_entries > _MAX_16 or max(begins_at, size) > _MAX_32:
            end_at = self.n_bytes
            self._write(
                struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, n_entries, n_entries, size, begins_at)
                + struct.pack("<4sLQL", b"PK\6\7", 0, end_at, 1)
            )
        n = min(n_entries, _MAX_16)
        self._write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, n, n, min(size, _MAX_32), min(begins_at, _MAX_32), 0))

    def _begin(self, name: str, n_bytes: int, crc: int, when: datetime) -> None:
        encoded = name.encode("utf-8", "replace")
        is_large, is_far = n_bytes >= _MAX_32, self.n_bytes >= _MAX_32
        version = 45 if is_large or is_far else 20
        size = _MAX_32 if is_large else n_bytes
        sizes = struct.pack("<2Q", n_bytes, n_bytes) if is_large else b""
        offset = struct.pack("<Q", self.n_bytes) if is_far else b""
        date, time = _dos(when)
        shared = (_UTF8, 0, time, date, crc, size, size, len(encoded))
        local, extra = _extra(sizes), _extra(sizes + offset)
        self._directory.write(
            struct.pack(
                "<4s6H3L5H2L", b"PK\1\2", _UNIX | version, version, *shared, len(extra), 0, 0, 0, _MODE,
                min(self.n_bytes, _MAX_32),
            )
            + encoded + extra
        )  # fmt: skip
        self._write(struct.pack("<4s5H3L2H", b"PK\3\4", version, *shared, len(local)) + encoded + local)
        self.n_entries += 1

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self.n_bytes += len(data)


def _extra(values: bytes) -> bytes:
    """The ZIP64 field that holds these values; nothing for none."""
    return struct.pack("<2H", 1, len(values)) + values if values else b""


def _dos(when: datetime) -> tuple[int, int]:
    """(date, time) in MS-DOS's way, which begins in 1980 and counts in steps of two seconds."""
    if when.year < 1980:
        return 0x21, 0
    return (min(when.year, 2107) - 1980) << 9 | when.month << 5 | when.day, (
        when.hour << 11 | when.minute << 5 | when.second // 2
    )


class _Pieces:
    """Collects what is written until it is taken."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, data: bytes, /) -> None:
        """Keep the bytes."""
        self._waiting.append(data)

    def take(self) -> bytes:
        """Returns what was written since the last call."""
        taken, self._waiting = b"".join(self._waiting), []
        return taken


def of_folder(folder: Path, inside: str) -> Iterator[bytes]:
    """Yields a zip of a folder's files, without hidden ones, below the folder `inside`; links are left out."""
    pieces = _Pieces()
    with TemporaryFile() as directory:
        archive = ZipStream(pieces, directory)
        for path in _files_below(folder):
            when = datetime.fromtimestamp(path.stat().st_mtime)
            name = f"{inside}/{path.relative_to(folder).as_posix()}"
            for _ in archive.adding_file(name, path, when):
                yield pieces.take()
        archive.finish()
        yield pieces.take()


def _files_below(folder: Path) -> Iterator[Path]:
    """Every file below a folder, a folder's at a time."""
    folders = [folder]
    while folders:
        entries = sorted(folders.pop().iterdir())
        yield from (path for path in entries if _is_shown(path) and path.is_file())
        folders += [path for path in reversed(entries) if _is_shown(path) and path.is_dir()]


def _is_shown(path: Path) -> bool:
    return not path.name.startswith(".") and not path.is_symlink()


def copy_into(archive: ZipStream, folder: Path) -> None:
    """Add the files that lie in a folder, for lists that were written beside."""
    for path in _files_below(folder):
        archive.add_file(path.relative_to(folder).as_posix(), path, datetime.fromtimestamp(path.stat().st_mtime))
