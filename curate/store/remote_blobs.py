"""Blobs and thumbnails as objects of a bucket: `blobs/ab/cdef…` and `thumbnails/ab/cdef….webp`, as in CURATE_HOME.

Whether a picture is stored is asked of the bucket, never of the local copies: another server may have emptied the bin.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path

from curate.errors import CurateError, NotFound
from curate.store import local_copies
from curate.store.bucket import Bucket, configured

SIDE_BY_SIDE = 32  # requests at once: with 50 ms each, 640 pictures a second


def blob_key(sha: str) -> str:
    """Returns the key of an original."""
    return f"blobs/{sha[:2]}/{sha[2:]}"


def _thumbnail_key(sha: str) -> str:
    return f"thumbnails/{sha[:2]}/{sha[2:]}.webp"


class FetchedLater(type(Path())):  # type: ignore[misc]
    """The path of a local copy that is fetched when it is opened."""

    def __fspath__(self) -> str:
        remote = configured()
        assert remote is not None
        return str(fetch(remote, self.parent.name + self.name))


def fetched_later(sha: str) -> Path:
    """Returns a path that fetches the original as it is opened, then raises NotFound or StoreDown."""
    return FetchedLater(local_copies.path_of(blob_key(sha)))


def add(bucket: Bucket, sha: str, data: bytes) -> None:
    """Store an original unless it is stored; on return it is safe. Raises StoreDown."""
    if bucket.size(blob_key(sha)) != len(data):
        bucket.put(blob_key(sha), data)
        local_copies.keep(blob_key(sha), data)  # it is embedded or looked at next


def has(bucket: Bucket, sha: str) -> bool:
    """Whether an original is stored. Raises StoreDown."""
    return bucket.size(blob_key(sha)) is not None


def fetch(bucket: Bucket, sha: str) -> Path:
    """Returns the local copy of an original. Raises NotFound, StoreDown."""
    try:
        return local_copies.fetch(bucket, blob_key(sha))
    except NotFound as error:
        raise NotFound(f"No stored picture is named {sha[:12]}….") from error


def remove(bucket: Bucket, sha: str) -> int:
    """Erase an original and its thumbnail for good; returns the bytes freed. Raises StoreDown."""
    freed = 0
    for key in (blob_key(sha), _thumbnail_key(sha)):
        freed += bucket.size(key) or 0
        bucket.delete(key)
        local_copies.remove(key)
    return freed


def find_thumbnail(sha: str) -> Path | None:
    """Returns the local copy of a thumbnail if it is here."""
    return local_copies.find(_thumbnail_key(sha))


def fetch_thumbnail(bucket: Bucket, sha: str) -> Path | None:
    """Returns the local copy of a thumbnail; None while the bucket has none. Raises StoreDown."""
    return local_copies.try_to_fetch(bucket, _thumbnail_key(sha))


def add_thumbnail(bucket: Bucket, sha: str, data: bytes) -> Path:
    """Store a thumbnail for all servers; returns the local copy. Raises StoreDown."""
    bucket.put(_thumbnail_key(sha), data)
    return local_copies.keep(_thumbnail_key(sha), data)


def fetch_thumbnails(bucket: Bucket, shas: Sequence[str]) -> None:
    """Begin to fetch those that are not here, side by side; whoever needs one waits for it in `fetch_thumbnail`."""
    for sha in shas:
        if find_thumbnail(sha) is None:
            _pool().submit(_fetch_quietly, bucket, sha)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(SIDE_BY_SIDE, "thumbnail")


def _fetch_quietly(bucket: Bucket, sha: str) -> None:
    with suppress(CurateError):  # said to whoever asks for the picture
        fetch_thumbnail(bucket, sha)
