"""A stored picture as a file of its own: named by what is in it, shared with the store only where that is safe."""

import errno
import os
import re
import shutil
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from curate import store
from curate.pictures import open_picture

# Endings that both torchvision's ImageFolder and fastai's get_image_files read, by what is in the file. The first is
# given to a file with none of them. What is not listed here is written as PNG.
ENDINGS = {
    "JPEG": (".jpg", ".jpeg"), "MPO": (".jpg", ".jpeg"), "PNG": (".png",), "BMP": (".bmp",), "DIB": (".bmp",),
    "TIFF": (".tif", ".tiff"), "WEBP": (".webp",), "PPM": (".ppm", ".pgm"),
}  # fmt: skip
_FICLONE = 0x40049409  # Linux: the target shares the source's blocks until either is written to
_NO_CLONES = (errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.EPERM, errno.EBADF)


def ending_of(format: str) -> str:
    """Returns the extension of a written picture of that format (Pillow's name)."""
    return ENDINGS.get(format, (".png",))[0]


def with_ending(file_name: str, format: str) -> str:
    """Returns the last part of a file name, with an extension of the written format."""
    name = re.split(r"[/\\]", file_name)[-1]
    endings = ENDINGS.get(format, (".png",))
    return name if name.lower().endswith(endings) else name + endings[0]


def read(sha: str, format: str) -> bytes:
    """Returns the original bytes, of formats that few programs read as PNG. Raises NotFound, BadPicture."""
    path = store.blob_path(sha)
    if format in ENDINGS:
        return path.read_bytes()
    buffer = BytesIO()
    open_picture(path).save(buffer, "PNG")
    return buffer.getvalue()


def write(sha: str, format: str, target: Path) -> None:
    """Write the same to `target`, whole or not at all: a reflink where the file system has them, else a copy.

    Never a hard link: what people do to an export must not reach the store. Raises NotFound, BadPicture.
    """
    source = store.blob_path(sha)
    fresh = target.with_name(f".{target.name[:40]}.part")
    try:
        if format not in ENDINGS:
            open_picture(source).save(fresh, "PNG")
        elif not clone(source, fresh):
            shutil.copyfile(source, fresh)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def clone(source: Path, target: Path) -> bool:
    """Make `target` a reflink of `source`; False where the system or the file system has none."""
    if not sys.platform.startswith("linux"):
        return False
    from fcntl import ioctl

    with source.open("rb") as original, target.open("wb") as copy:
        return _tried(lambda: ioctl(copy.fileno(), _FICLONE, original.fileno()))


def _tried(make_clone: Callable[[], int]) -> bool:
    try:
        make_clone()
    except OSError as error:
        if error.errno in _NO_CLONES:
            return False
        raise
    return True


def facts_of(path: Path) -> tuple[int, int]:
    """(bytes, time of the last change in ns) of a file. Raises FileNotFoundError."""
    known = os.lstat(path)
    return known.st_size, known.st_mtime_ns
