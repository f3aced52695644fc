"""Files that appear whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_atomic(path: Path, data: bytes, is_derived: bool = False) -> None:
    """Write `data` to `path`, as `atomic_file` does."""
    with atomic_file(path, is_derived) as file:
        file.write(data)


@contextmanager
def atomic_file(path: Path, is_derived: bool = False) -> Iterator[BinaryIO]:
    """A file that stands at `path` once it is written, on disk before it is visible.

    Readers see the old file or the whole new one; when writing fails, the old one stays. `is_derived` files can be made
    again: they do not wait for the disk, and may be empty after a power cut.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with _created(fresh) as file:
            yield file
            if not is_derived:
                file.flush()
                os.fsync(file.fileno())  # 3 ms: with two a picture, half of an import's time
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _created(path: Path) -> BinaryIO:
    """Opens a new file, and makes its folder when missing."""
    try:
        return path.open("wb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")
