"""Restores a backup into an empty installation. The catalog comes last: before it nothing is there to open."""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, inspect, select
from sqlalchemy.engine import make_url

from curate import settings
from curate.backup.layout import CATALOG, SNAPSHOTS, Manifest, Report, find_snapshot, hash_of, place_of
from curate.catalog import copying, database
from curate.catalog.tables.core import Project
from curate.errors import BadInput, Conflict
from curate.store import copying as store_copying

_MARK, _FRESH = ".restoring", ".restoring.db"


@dataclass(frozen=True)
class Restored:
    """A snapshot's name, and its number of pictures."""

    name: str
    n_pictures: int


def restore(folder: Path, snapshot: str | None, report: Report) -> Restored:
    """Restore a snapshot (None = the newest); what was cut short goes on when called again.

    Raises Conflict where something is there already, and BadInput for a damaged backup; nothing is written over.
    """
    folder = folder.expanduser().resolve()
    name, manifest = find_snapshot(folder, snapshot)
    home = settings.home()
    _check_is_empty(home, name)
    catalog = folder / SNAPSHOTS / name / CATALOG
    if hash_of(catalog) != manifest.catalog_sha:
        raise BadInput(f"The catalog of snapshot {name} is damaged.", "Restore an older snapshot: --snapshot.")
    (home / _MARK).write_text(name)
    _restore_pictures(folder, report)
    _restore_files(folder, home, manifest, report)
    os.sync()
    _restore_catalog(catalog, home / _FRESH, report)
    (home / _MARK).unlink()
    return Restored(name, manifest.n_pictures)


def _check_is_empty(home: Path, name: str) -> None:
    mark = home / _MARK
    if mark.exists() and mark.read_text() != name:
        raise Conflict(f"Snapshot {mark.read_text()} is half restored here.", "Restore that one, or empty CURATE_HOME.")
    if not mark.exists() and (there := next(home.iterdir(), None)):
        raise Conflict(f"CURATE_HOME, {home}, is not empty: it holds {there.name}.", "Name an empty folder.")
    if database.is_sqlite():
        if Path(make_url(settings.database_url()).database or "").exists():
            raise Conflict("The SQLite file that CURATE_DATABASE_URL names is there already.", "Name another one.")
        return
    engine = database._connectable(settings.database_url())
    try:
        with engine.connect() as connection:
            has_table = inspect(connection).has_table("project")
            n = connection.scalar(select(func.count()).select_from(Project)) if has_table else 0
    finally:
        engine.dispose()
    if n:
        raise Conflict(f"The database holds {n:,} projects already.", "Name an empty one in CURATE_DATABASE_URL.")


def _restore_pictures(folder: Path, report: Report) -> None:
    target = os.environ.get("CURATE_STORE") or str(settings.home())
    copied = store_copying.copy(str(folder), target, False, lambda n, total: report(n, total, "Copying pictures"))
    if copied.failed:
        key, why = copied.failed[0]
        raise BadInput(f"{len(copied.failed):,} pictures of the backup cannot be restored, such as {key}. {why}")


def _restore_files(folder: Path, home: Path, manifest: Manifest, report: Report) -> None:
    for n, (name, sha) in enumerate(manifest.files.items(), start=1):
        source, target = place_of(folder, sha), home / name
        if not target.resolve().is_relative_to(home):
            raise BadInput(f"The backup names a file outside of CURATE_HOME: {name}.")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        if hash_of(target) != sha:
            raise BadInput(f"{source} of the backup is damaged: it is {name} of CURATE_HOME.")
        report(n, len(manifest.files), "Copying files")
    for name, where in manifest.links.items():
        link = home / name
        link.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            link.symlink_to(where)
    if (home / "secret").exists():
        (home / "secret").chmod(0o600)


def _restore_catalog(catalog: Path, fresh: Path, report: Report) -> None:
    """Migrate a copy of the snapshot to this release's schema, then put it in place, whole."""
    report(0, None, "Restoring the catalog")
    shutil.copyfile(catalog, fresh)
    fresh.chmod(0o600)
    source = database.engine_at(f"sqlite:///{fresh}")
    try:
        if not database.is_sqlite():
            copying.copy_to(settings.database_url(), None, report, source, with_open_jobs=True)
    finally:
        source.dispose()
    if database.is_sqlite():
        with closing(sqlite3.connect(fresh)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # one file, with all that was in its journal
        os.sync()
        shutil.move(fresh, make_url(settings.database_url()).database or "")
    for left in fresh.parent.glob(f"{_FRESH}*"):
        left.unlink()
