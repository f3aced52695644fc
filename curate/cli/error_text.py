"""Formats errors that a person at a terminal can correct, each as one line."""

import errno
import sqlite3

from alembic.util import CommandError
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from curate.errors import CurateError

DISK_FULL = "The disk is full: nothing more can be stored in CURATE_HOME."
# Beginnings of SQLite's and PostgreSQL's own words, and what they mean for whoever reads them.
DATABASE_WORDS = {
    "database or disk is full": DISK_FULL,
    "database is locked": "The catalog is locked by another program. Try again when that has ended.",
    "file is not a database": "The catalog is damaged: the file is no SQLite database. Restore it from a backup.",
    "database disk image is malformed": "The catalog is damaged. Restore it from a backup.",
    "unable to open database file": "The catalog cannot be opened: is CURATE_HOME there, and yours to write in?",
    "attempt to write a readonly database": "The catalog cannot be written: the file or its disk is read-only.",
}


def as_sentence(error: Exception) -> str | None:
    """Returns one line without a stack trace; None for a bug, which should be seen whole."""
    if isinstance(error, CurateError):
        return f"{error} {error.hint}".strip()
    if isinstance(error, ImportError) and not (error.name or "").startswith("curate"):
        return f"{error}. The installation is not whole; `make run` completes it."
    if isinstance(error, (SQLAlchemyError, CommandError, sqlite3.Error)):
        return _of_database(error)
    return _of_system(error) if isinstance(error, OSError) else None


def _of_database(error: Exception) -> str:
    if isinstance(error, CommandError):
        return "The catalog was made by a newer Curate than this one."
    if isinstance(error, (ArgumentError, NoSuchModuleError)):
        return f"CURATE_DATABASE_URL is no address of a database that can be used. {_first_line(error)}"
    own_words = _first_line(error.orig if isinstance(error, DBAPIError) and error.orig else error)
    return next(
        (meaning for words, meaning in DATABASE_WORDS.items() if words in own_words),
        f"The catalog cannot be used: {own_words}",
    )


def _of_system(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    return f"{error.filename}: {error.strerror}." if error.filename and error.strerror else _first_line(error)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
