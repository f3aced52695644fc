"""Zips as an import reads them: member by member into memory, whatever tool packed them."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from curate.errors import BadInput, BadPicture
from curate.gather.folders.folder_names import EMPTY_FOLDER, is_ignored
from curate.gather.folders.label_choices import Entry, LabelChoices
from curate.gather.sources import AS_FOUND, MAX_FILE_BYTES, NamedFiles, check_bytes, readable, tidy

MAX_UNPACKED_BYTES = 2_000_000_000  # an archive may always unpack to this much, and else
MAX_RATIO = 50  # to so many times its own size: pictures hardly shrink, bombs shrink a thousandfold
_READ_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_METHOD_NAMES = {"deflate64": "Deflate64 (as Explorer does above 2 GB)", "zstd": "Zstandard", "ppmd": "PPMd"}
_UNICODE_PATH = 0x7075
# What zipfile was seen to raise on damaged archives.
_ZIP_ERRORS: tuple[type[Exception], ...] = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, RuntimeError, ValueError, LookupError, MemoryError),
)


class ArchiveSource(NamedFiles):
    """The members of a zip, read one by one into memory; nothing is unpacked to disk. Close it when done."""

    kind = "archive"

    def __init__(
        self, zip_path: Path, name: str, known_labels: Collection[str], choices: LabelChoices = AS_FOUND
    ) -> None:
        self.name = readable(name)
        with _as_sentence(f"{self.name} is not a zip archive that can be read.", BadInput):
            self._zip = zipfile.ZipFile(zip_path)
        members = [(_member_path(info), info) for info in self._zip.infolist() if not info.is_dir()]
        self._check_size(members, zip_path.stat().st_size)
        self.label(members, known_labels, choices)
        self.refused += [(f"{folder}/", EMPTY_FOLDER) for folder in self._empty_folders()]

    def read(self, entry: Entry) -> bytes:
        """The member's bytes, unpacked."""
        info: zipfile.ZipInfo = entry.key
        if info.flag_bits & 1:
            raise BadPicture("It is locked with a password.", "Pack the archive without one.")
        if info.compress_type not in _READ_METHODS:
            how = zipfile.compressor_names.get(info.compress_type, f"method {info.compress_type}")  # type: ignore[attr-defined]
            raise BadPicture(
                f"It is packed as {_METHOD_NAMES.get(how, how)}, which cannot be read.",
                "Unpack the archive and import the folder.",
            )
        check_bytes(info.file_size)
        with _as_sentence("Its part of the archive is damaged.", BadPicture), self._zip.open(info) as member:
            return member.read(MAX_FILE_BYTES)

    def close(self) -> None:
        """Let the archive go."""
        self._zip.close()

    def _empty_folders(self) -> list[str]:
        """Folders in the archive with nothing below them, but for hidden ones and the system's."""
        paths = [_member_path(info) for info in self._zip.infolist()]
        parents = {path[:at] for path in paths for at, letter in enumerate(path) if letter == "/"}
        folders = {path for path, info in zip(paths, self._zip.infolist(), strict=True) if path and info.is_dir()}
        return sorted(folder for folder in folders - parents if not any(map(is_ignored, folder.split("/"))))

    def _check_size(self, members: list[tuple[str, zipfile.ZipInfo]], n_bytes: int) -> None:
        unpacked = sum(info.file_size for _, info in members)
        ratio = unpacked // max(n_bytes, 1)
        if unpacked > max(MAX_UNPACKED_BYTES, MAX_RATIO * n_bytes):
            self._zip.close()
            raise BadInput(
                f"{self.name} would unpack to {unpacked / 1e9:,.0f} GB, {ratio:,} times its size.",
                "Packed pictures hardly shrink; this looks like a trap. Unpack it yourself and import the folder.",
            )


def _member_path(info: zipfile.ZipInfo) -> str:
    """The member's name with "/" between parts, without the parts that would lead elsewhere."""
    name = _true_name(info)
    if "\\" in name and "/" not in name:  # packed on Windows by something old
        name = name.replace("\\", "/")
    return tidy(readable(name))


def _true_name(info: zipfile.ZipInfo) -> str:
    """The member's name as it was meant: UTF-8 by its mark, its Unicode field or its bytes, else code page 437."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437")
    for as_utf8 in (_unicode_path(info.extra, raw), raw):
        try:
            if as_utf8 is not None:
                return as_utf8.decode()
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def _unicode_path(extra: bytes, raw: bytes) -> bytes | None:
    """The name in the field 0x7075, as WinRAR, 7-Zip and Explorer write it, when it belongs to the name `raw`."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(body) >= 5 and struct.unpack_from("<L", body, 1)[0] == zlib.crc32(raw):
            return body[5:]
    return None


@contextmanager
def _as_sentence(sentence: str, kind: type[BadInput] | type[BadPicture]) -> Iterator[None]:
    """What a damaged archive makes zipfile raise, as `kind`."""
    try:
        yield
    except _ZIP_ERRORS as error:
        raise kind(sentence) from error
