"""The manifest of an export: which image lies in which file. It lets an export go on, and follow a later version.

A SQLite file beside what was written, so that a million names need no memory. Names are stored before files are
written: what lies under a name of the manifest is ours, everything else in the folder is somebody's.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.safe_names import numbered

FILE = ".curate-export.db"
_APPLICATION = 0x43757261
_MOST_NUMBERED = 9  # equal names after which the image's own number is taken
_SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS file (
    image_id INTEGER PRIMARY KEY, path TEXT NOT NULL, folded TEXT NOT NULL UNIQUE, n_bytes INTEGER, mtime_ns INTEGER,
    pass INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS extra (path TEXT PRIMARY KEY, n_bytes INTEGER, mtime_ns INTEGER);
"""


@dataclass(frozen=True)
class FileRow:
    """A picture's file: `path` from the export's folder; size and time as we wrote it, None = not written yet."""

    image_id: int
    path: str
    n_bytes: int | None
    mtime_ns: int | None

    @property
    def folder(self) -> str:
        """The folder that it lies in, from the export's; "" = in that itself."""
        return self.path.rpartition("/")[0]

    @property
    def facts(self) -> tuple[int | None, int | None]:
        """(bytes, time) as we wrote it."""
        return self.n_bytes, self.mtime_ns


class Manifest:
    """The manifest at `path`, made when missing."""

    def __init__(self, path: Path) -> None:
        self._rows = sqlite3.connect(path)
        self._rows.executescript(f"PRAGMA application_id={_APPLICATION};{_SCHEMA}")

    def close(self) -> None:
        """Close the file; what was not committed is lost."""
        self._rows.close()

    def commit(self) -> None:
        """Store what was changed."""
        self._rows.commit()

    def fact(self, name: str) -> Any:
        """Returns a stored fact; None when there is none."""
        row = self._rows.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_facts(self, **facts: Any) -> None:
        """Store facts under their names."""
        self._rows.executemany(
            "INSERT OR REPLACE INTO fact VALUES (?, ?)", [(name, json.dumps(value)) for name, value in facts.items()]
        )

    def between(self, first: int, last: int) -> dict[int, FileRow]:
        """{image id: file} of the images from `first` to `last`."""
        return {row.image_id: row for row in self._files("WHERE image_id BETWEEN ? AND ?", first, last)}

    def left_behind(self, now: int) -> Iterator[FileRow]:
        """Yields the files that pass `now` did not mark; they may be removed meanwhile."""
        after = 0
        while rows := list(self._files("WHERE pass < ? AND image_id > ? ORDER BY image_id LIMIT 1000", now, after)):
            yield from rows
            after = rows[-1].image_id

    def free_paths(self, image_id: int, folder: str, name: str) -> Iterator[str]:
        """Yields paths like folder/name that no other image has, the nicest first."""
        yield from (path for path in _paths(image_id, folder, name) if self._is_free(image_id, path))

    def store(self, image_id: int, path: str, now: int) -> None:
        """Give an image its path, before the file is written there."""
        self._rows.execute(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, NULL, NULL, ?)", (image_id, path, path.casefold(), now)
        )

    def mark_written(self, image_id: int, n_bytes: int, mtime_ns: int) -> None:
        """Record the size and time of a written file."""
        self._rows.execute(
            "UPDATE file SET n_bytes = ?, mtime_ns = ? WHERE image_id = ?", (n_bytes, mtime_ns, image_id)
        )

    def mark_seen(self, image_id: int, now: int) -> None:
        """Record that pass `now` leaves the file as it is."""
        self._rows.execute("UPDATE file SET pass = ? WHERE image_id = ?", (now, image_id))

    def forget(self, image_id: int) -> None:
        """Remove an image from the manifest."""
        self._rows.execute("DELETE FROM file WHERE image_id = ?", (image_id,))

    def extra(self, path: str) -> tuple[int | None, int | None] | None:
        """(bytes, time) of a list or card as we wrote it; None = we did not."""
        row: tuple[int | None, int | None] | None = self._rows.execute(
            "SELECT n_bytes, mtime_ns FROM extra WHERE path = ?", (path,)
        ).fetchone()
        return row

    def store_extra(self, path: str, n_bytes: int | None = None, mtime_ns: int | None = None) -> None:
        """Record a list or card that was written, or, without size and time, that will be."""
        self._rows.execute("INSERT OR REPLACE INTO extra VALUES (?, ?, ?)", (path, n_bytes, mtime_ns))

    def written(self) -> Iterator[tuple[str, tuple[int, int] | None]]:
        """Yields the path of everything that was written or planned, with (bytes, time), None = not known."""
        for query in ("SELECT path, n_bytes, mtime_ns FROM file", "SELECT path, n_bytes, mtime_ns FROM extra"):
            for path, n_bytes, mtime_ns in self._rows.execute(query):
                yield path, None if n_bytes is None else (n_bytes, mtime_ns)

    def _is_free(self, image_id: int, path: str) -> bool:
        row = self._rows.execute("SELECT image_id FROM file WHERE folded = ?", (path.casefold(),)).fetchone()
        return row is None or row[0] == image_id

    def _files(self, condition: str, *values: int) -> Iterator[FileRow]:
        query = f"SELECT image_id, path, n_bytes, mtime_ns FROM file {condition}"
        return (FileRow(*row) for row in self._rows.execute(query, values))


def _paths(image_id: int, folder: str, name: str) -> Iterator[str]:
    numbers = [*map(str, range(2, _MOST_NUMBERED + 1)), f"i{image_id}"]
    for given in (name, *(numbered(name, number) for number in numbers)):
        yield f"{folder}/{given}" if folder else given


@contextmanager
def opened(path: Path) -> Iterator[Manifest]:
    """The manifest at `path`, closed at the end."""
    manifest = Manifest(path)
    with closing(manifest):
        yield manifest


def read_facts(folder: Path) -> dict[str, Any] | None:
    """Returns the facts of the manifest in a folder; None where there is none of ours."""
    path = folder / FILE
    if path.is_symlink() or not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as rows:
            if rows.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
                return None
            return {name: json.loads(value) for name, value in rows.execute("SELECT name, value FROM fact")}
    except (sqlite3.DatabaseError, ValueError):
        return None
