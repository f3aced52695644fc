"""Backs a whole installation up while people work: one state of the catalog, and every file that it names.

Pictures are copied first, then the catalog, then the pictures that came in between: what a catalog names is always
older than it. Files never change under their names but logs and checkpoints of what runs just then.
"""

import os
import secrets
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from curate import __version__, settings
from curate.backup.layout import CATALOG, FILES, MANIFEST, SNAPSHOTS, Manifest, Report, hash_of, place_of
from curate.catalog import copying, database
from curate.errors import BadInput
from curate.store import copying as store_copying
from curate.store.atomic import write_atomic

# Computed again, uploads on their way, downloads that can be made again, and the catalog, which has its own way.
_LEFT_OUT = ("cache", "thumbnails", "views", "blobs", "incoming", "exports", "standby", "wake-up", "tray", "trays")


@dataclass(frozen=True)
class Saved:
    """A snapshot: its name, pictures in the catalog and new ones in the backup, other files, missing pictures."""

    name: str
    n_pictures: int
    n_new: int
    n_files: int
    missing: list[str]


def save(folder: Path, report: Report) -> Saved:
    """Back everything up into `folder`, which is made, or holds a backup. Raises BadInput, StoreDown."""
    folder = folder.expanduser().resolve()
    _check(folder)
    n_new = _save_pictures(folder, report)
    name = f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}-{secrets.token_hex(2)}"
    snapshot = folder / SNAPSHOTS / name
    snapshot.mkdir(parents=True, mode=0o700)
    try:
        _save_catalog(snapshot / CATALOG, report)
        needed, links = _needed(snapshot / CATALOG), _links()
        if any(not _is_there(folder, sha) for sha in needed):
            n_new += _save_pictures(folder, report)
        linked = {key.replace("/", "").removeprefix("blobs") for key in links}
        missing = [sha for sha in needed if sha not in linked and not _is_there(folder, sha)]
        files = _save_files(folder, report)
        os.sync()
        manifest = Manifest(
            curate=__version__, catalog_sha=hash_of(snapshot / CATALOG), n_pictures=len(needed), missing=missing,
            files=files, links=links,
        )  # fmt: skip
        write_atomic(snapshot / MANIFEST, manifest.model_dump_json(indent=1).encode())
    except BaseException:
        shutil.rmtree(snapshot, ignore_errors=True)
        raise
    return Saved(name, len(needed), n_new, len(files), missing)


def _check(folder: Path) -> None:
    if folder.is_relative_to(settings.home()) or settings.home().is_relative_to(folder):
        raise BadInput("A backup in or above CURATE_HOME would be lost with it.", "Name a folder on another disk.")
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder} is a file.", "Name a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / SNAPSHOTS).is_dir():
        raise BadInput(f"{folder} holds something else.", "Name an empty folder, or one with an earlier backup.")
    (folder / SNAPSHOTS).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # as CURATE_HOME: the secret is in it


def _save_pictures(folder: Path, report: Report) -> int:
    source = os.environ.get("CURATE_STORE") or str(settings.home())
    copied = store_copying.copy(source, str(folder), False, lambda n, total: report(n, total, "Copying pictures"))
    return copied.n_copied


def _is_there(folder: Path, sha: str) -> bool:
    return (folder / "blobs" / sha[:2] / sha[2:]).is_file()


def _save_catalog(path: Path, report: Report) -> None:
    """One state of the catalog: SQLite's own online backup, else every row in one transaction, read again."""
    report(0, None, "Copying the catalog")
    if not database.is_sqlite():
        copying.copy_to(f"sqlite:///{path}", None, report, with_open_jobs=True)
        with closing(sqlite3.connect(path)) as written:
            written.execute("PRAGMA journal_mode=DELETE")  # one file
        return
    database.engine()  # migrated
    file = make_url(settings.database_url()).database or ""
    with closing(sqlite3.connect(file, timeout=60)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)  # in one step: one state, and writers go on in the WAL
        target.execute("PRAGMA journal_mode=DELETE")


def _needed(catalog: Path) -> list[str]:
    with closing(sqlite3.connect(catalog)) as connection:
        rows = connection.execute("SELECT DISTINCT blob_sha FROM image WHERE state != 'erased'")
        return sorted(sha for (sha,) in rows)


def _links() -> dict[str, str]:
    """Linked pictures: they are saved as links, since they lie elsewhere."""
    home = settings.home()
    paths = (path for path in (home / "blobs").glob("??/*") if path.is_symlink())
    return {path.relative_to(home).as_posix(): str(path.readlink()) for path in paths}


def _save_files(folder: Path, report: Report) -> dict[str, str]:
    """Copies every other file that the backup does not have yet; returns {path below CURATE_HOME: SHA-256}."""
    home, files = settings.home(), {}
    for path in sorted(home.rglob("*")):
        relative = path.relative_to(home)
        if relative.parts[0] in _LEFT_OUT or relative.parts[0].startswith((".", "catalog.db")) or not path.is_file():
            continue
        with suppress(FileNotFoundError):  # of a job that ended meanwhile
            files[relative.as_posix()] = _save_file(folder, path)
            report(len(files), None, "Copying files")
    return files


def _save_file(folder: Path, path: Path) -> str:
    sha = hash_of(path)
    if place_of(folder, sha).exists():
        return sha
    fresh = folder / FILES / f".{secrets.token_hex(8)}"
    fresh.parent.mkdir(exist_ok=True)
    shutil.copyfile(path, fresh)
    sha = hash_of(fresh)  # a log may have grown
    place_of(folder, sha).parent.mkdir(parents=True, exist_ok=True)
    fresh.replace(place_of(folder, sha))
    return sha
