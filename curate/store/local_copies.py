"""Local copies of a bucket's objects, each fetched once, all together bounded in size.

A copy is a file below `CURATE_HOME/cache/store`, at the same place as the object in the bucket. The copies that were
used longest ago go first, but never one used within the last minute: somebody may be about to open it.
"""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from curate import settings
from curate.errors import NotFound
from curate.store.atomic import write_atomic
from curate.store.bucket import Bucket

_KEPT_S = 60.0
_CHECK_AFTER = 0.02  # of the limit, written since the last look: a look walks over all copies
_fetching = [threading.Lock() for _ in range(256)]  # by a part of the key
_trimming = threading.Lock()
_written = 0


def path_of(key: str) -> Path:
    """Returns where the copy of an object lies, or would lie."""
    return settings.home() / "cache" / "store" / key


def find(key: str) -> Path | None:
    """Returns the copy if there is one, and notes that it was used."""
    path = path_of(key)
    try:
        os.utime(path)
        return path if path.stat().st_size else None
    except FileNotFoundError:
        return None


def fetch(bucket: Bucket, key: str) -> Path:
    """Returns the copy, fetched unless it is here; who asks meanwhile waits. Raises NotFound, StoreDown."""
    if path := find(key):
        return path
    with _fetching[hash(key) % len(_fetching)]:
        return find(key) or keep(key, bucket.get(key))


def try_to_fetch(bucket: Bucket, key: str) -> Path | None:
    """As `fetch`; None when the bucket has no such object. Raises StoreDown."""
    try:
        return fetch(bucket, key)
    except NotFound:
        return None


def keep(key: str, data: bytes) -> Path:
    """Write the copy of an object."""
    global _written
    path = path_of(key)
    write_atomic(path, data, is_derived=True)
    _written += len(data)
    if _written > _CHECK_AFTER * settings.cache_bytes() and _trimming.acquire(blocking=False):
        threading.Thread(target=_trim_and_release, daemon=True).start()
    return path


def remove(key: str) -> None:
    """Remove a copy."""
    path_of(key).unlink(missing_ok=True)


def _trim_and_release() -> None:
    global _written
    try:
        _written = 0
        trim()
    finally:
        _trimming.release()


def trim() -> None:
    """Remove the copies that were used longest ago until all fit into nine tenths of the limit."""
    copies = []
    for folder, _, names in os.walk(path_of("")):
        for name in names:
            path = Path(folder, name)
            with suppress(FileNotFoundError):
                facts = path.stat()
                copies.append((facts.st_mtime, facts.st_size, path))
    excess = sum(size for _, size, _ in copies)
    if excess <= settings.cache_bytes():
        return
    excess -= int(0.9 * settings.cache_bytes())
    for used_at, size, path in sorted(copies):
        if excess <= 0 or used_at > time.time() - _KEPT_S:
            break
        path.unlink(missing_ok=True)
        excess -= size
