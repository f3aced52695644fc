"""What a PNG says behind its pixels, without decoding them: Pillow's `getexif` would unpack the whole picture."""

import struct
from typing import BinaryIO

_METADATA = frozenset({b"eXIf", b"iTXt", b"tEXt", b"zTXt"})
_MOST_CHUNKS = 100_000


def has_late_metadata(file: BinaryIO) -> bool:
    """Whether a text or EXIF chunk follows the first chunk of pixels; also true for a file of too many chunks to tell.

    The file stays where it is.
    """
    before = file.tell()
    try:
        return _has_late_metadata(file)
    finally:
        file.seek(before)


def _has_late_metadata(file: BinaryIO) -> bool:
    file.seek(8)
    has_pixels = False
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            return False
        length, kind = struct.unpack(">I4s", head)
        if has_pixels and kind in _METADATA:
            return True
        has_pixels = has_pixels or kind == b"IDAT"
        file.seek(length + 4, 1)
    return True
