"""What lies where in a backup.

blobs/ab/cdef…              pictures by SHA-256, as in CURATE_HOME: shared by all snapshots
files/ab/cdef…              models, logs and the secret, by SHA-256, too
snapshots/NAME/catalog.db   the catalog as SQLite, whichever database it came from
snapshots/NAME/manifest.json   written last: a snapshot without it was cut short and is none
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel

from curate.errors import BadInput, NotFound

Report = Callable[[int, int | None, str], None]
FILES, SNAPSHOTS, CATALOG, MANIFEST = "files", "snapshots", "catalog.db", "manifest.json"


class Manifest(BaseModel):
    """What a snapshot holds. files: {path below CURATE_HOME: SHA-256}. links: {path: where a linked picture lies}."""

    curate: str
    catalog_sha: str
    n_pictures: int
    missing: list[str]
    files: dict[str, str]
    links: dict[str, str]


def hash_of(path: Path) -> str:
    """Returns the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place_of(folder: Path, sha: str) -> Path:
    """Returns where a file of that hash lies in a backup."""
    return folder / FILES / sha[:2] / sha[2:]


def snapshots(folder: Path) -> list[str]:
    """Returns the names of the whole snapshots, oldest first. Raises BadInput where there is no backup."""
    if not (folder / SNAPSHOTS).is_dir():
        raise BadInput(f"{folder} holds no backup.")
    return sorted(path.parent.name for path in (folder / SNAPSHOTS).glob(f"*/{MANIFEST}"))


def find_snapshot(folder: Path, name: str | None) -> tuple[str, Manifest]:
    """Returns the snapshot of that name, or the newest, and what it holds. Raises BadInput, NotFound."""
    names = snapshots(folder)
    if not names or (name and name not in names):
        raise NotFound(f"{folder} has no whole snapshot {name or ''}".rstrip() + ".", f"It has: {', '.join(names)}.")
    chosen = name or names[-1]
    return chosen, Manifest.model_validate_json((folder / SNAPSHOTS / chosen / MANIFEST).read_bytes())
