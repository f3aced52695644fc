"""Copies all pictures from one address to another, checked by hash; a second start copies what is missing."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from curate.cores import in_order
from curate.errors import BadInput, NotFound
from curate.store.bucket import Bucket, open_bucket
from curate.store.remote_blobs import SIDE_BY_SIDE

Progress = Callable[[int, int], None]


@dataclass
class Copied:
    """Pictures copied, those that were there already, and (key, reason) of those that could not be copied."""

    n_copied: int = 0
    n_there: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


def copy(source: str, target: str, check: bool, on_progress: Progress) -> Copied:
    """Copy every picture at `source` to `target`: addresses, or folders such as CURATE_HOME.

    Each is hashed before it is written, and its name is its SHA-256; `check` also reads back what lies at the target
    and replaces what differs. Thumbnails are made again. Linked pictures are left where they lie: they are links
    either way. Raises StoreDown, after which the same call goes on, and BadInput.
    """
    giving, taking = open_bucket(source), open_bucket(target)
    if giving is taking:
        raise BadInput("Both addresses are the same.")
    there, wanted = dict(taking.sizes("blobs")), _pictures(giving, source)
    copied = Copied()
    for n, (key, outcome) in enumerate(_side_by_side(giving, taking, wanted, there, check), start=1):
        if outcome == "copied":
            copied.n_copied += 1
        elif outcome == "there":
            copied.n_there += 1
        else:
            copied.failed.append((key, outcome))
        on_progress(n, len(wanted))
    return copied


def _pictures(bucket: Bucket, address: str) -> list[tuple[str, int]]:
    """(key, bytes) of all pictures; unfinished files of a folder and its links are none."""
    keys = [(key, size) for key, size in bucket.sizes("blobs") if len(key) == len("blobs/ab/") + 62]
    if "://" not in address:
        folder = Path(address).expanduser()
        keys = [(key, size) for key, size in keys if not (folder / key).is_symlink()]
    return keys


def _side_by_side(
    giving: Bucket, taking: Bucket, wanted: list[tuple[str, int]], there: dict[str, int], check: bool
) -> Iterator[tuple[str, str]]:
    def copy_one(wanted_one: tuple[str, int]) -> str:
        key, size = wanted_one
        return _copy_one(giving, taking, key, there.get(key) == size, check)

    for (key, _), outcome in in_order(copy_one, wanted, SIDE_BY_SIDE):
        yield key, outcome


def _copy_one(giving: Bucket, taking: Bucket, key: str, is_there: bool, check: bool) -> str:
    """Returns "copied", "there", or why not."""
    if is_there and (not check or _is_right(key, taking.get(key))):
        return "there"
    try:
        data = giving.get(key)
    except NotFound:
        return "It was erased meanwhile."
    if not _is_right(key, data):
        return "Its bytes are damaged: they do not have the SHA-256 that it is named by."
    taking.put(key, data)
    if check and not _is_right(key, taking.get(key)):
        return "What came back from the target differs from what was written."
    return "copied"


def _is_right(key: str, data: bytes) -> bool:
    return hashlib.sha256(data).hexdigest() == key.removeprefix("blobs/").replace("/", "")
