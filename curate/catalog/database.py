"""The connection to the catalog: an engine per URL, reading and writing sessions, and migrations.

SQLite runs in WAL mode. A writing session takes the write lock at its first statement (BEGIN IMMEDIATE), so that two
writers wait for each other instead of failing half-way. PostgreSQL needs none of that and uses the same code.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from curate import settings
from curate.errors import BadInput

MIGRATIONS = Path(__file__).with_name("migrations")
EXAMPLE_URL = "postgresql+psycopg://user:password@host/database"
# Any numbers, the same in every process; a project's lock is the second one plus its id.
_MIGRATION_LOCK = 0x43757261
_PROJECT_LOCKS = 0x43757261 << 24
_turns: defaultdict[tuple[str, int], threading.Lock] = defaultdict(threading.Lock)
BLOBS = 0  # what `writing` locks when pictures are removed from the store, or counted upon


class _Shared(threading.local):
    """The session of this thread's block of `reading_together`."""

    session: Session | None = None


_shared = _Shared()


def engine() -> Engine:
    """Returns the engine for `settings.database_url()`; migrates its schema on first use in this process."""
    return _ready_engine(settings.database_url())


def engine_at(url: str) -> Engine:
    """Returns a new engine for another database, with a migrated schema. Raises SQLAlchemy's OperationalError."""
    fresh = _connectable(url)
    try:
        _migrate(fresh)
    except BaseException:
        fresh.dispose()
        raise
    return fresh


@contextmanager
def reading() -> Iterator[Session]:
    """Opens a session that sees one consistent state and is rolled back at the end; see `reading_together`."""
    if _shared.session is not None:
        yield _shared.session
        return
    reader = engine() if is_sqlite() else engine().execution_options(isolation_level="REPEATABLE READ")
    with Session(reader, expire_on_commit=False) as session:
        yield session


@contextmanager
def reading_together() -> Iterator[None]:
    """All that this thread reads until the end of the block sees one state, over one connection.

    Three short queries took 0.9 ms, each with a session of its own, and take 0.4 ms. Nothing is written meanwhile: what
    is read afterwards would not show it.
    """
    with reading() as session:
        before, _shared.session = _shared.session, session
        try:
            yield
        finally:
            _shared.session = before


@contextmanager
def writing(*locks: int) -> Iterator[Session]:
    """Opens a session that is committed as one transaction at the end, or rolled back when anything raises.

    locks: ids of projects (or BLOBS) that no other writer who names them may change until the end. SQLite has a single
    writer anyway. On PostgreSQL the lock keeps numbers without gaps and decisions in the order of their ids, per
    project.
    """
    writer = engine().execution_options(is_writing=True)
    with _turn(writer, locks), Session(writer, expire_on_commit=False) as session, session.begin():
        for key in sorted(locks) if session.get_bind().dialect.name == "postgresql" else ():
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PROJECT_LOCKS + key})
        yield session


@contextmanager
def _turn(writer: Engine, locks: tuple[int, ...]) -> Iterator[None]:
    """Wait for other threads of this process here instead of in the database.

    SQLite lets waiting writers retry after up to 100 ms, in no order, and each would hold a connection. With 50 people
    deciding, 99 % of decisions took 11 s instead of 0.1 s.
    """
    keys: tuple[int, ...] = (BLOBS,) if writer.dialect.name == "sqlite" else tuple(sorted(set(locks)))
    with ExitStack() as stack:
        for key in keys:
            stack.enter_context(_turns[str(writer.url), key])
        yield


def is_sqlite() -> bool:
    """Whether the catalog is a SQLite file (else PostgreSQL)."""
    return _backend(settings.database_url()) == "sqlite"


@lru_cache(maxsize=8)
def _backend(url: str) -> str:
    return _parsed(url).get_backend_name()


def _parsed(url: str) -> URL:
    """Returns the parts of a database's URL. Raises BadInput without the URL, which may hold a password."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadInput("CURATE_DATABASE_URL is no address of a database.", f"One looks like {EXAMPLE_URL}.") from error


def refresh_statistics() -> None:
    """Update the planner's statistics (under a second): after bulk inserts it estimates badly."""
    with writing() as session:
        if is_sqlite():
            session.execute(text("PRAGMA analysis_limit=400"))
        session.execute(text("ANALYZE"))


@lru_cache(maxsize=8)
def _ready_engine(url: str) -> Engine:
    return engine_at(url)


def _connectable(url: str) -> Engine:
    if _parsed(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=20)
    if file := _parsed(url).database:
        with suppress(OSError):  # SQLite names what is wrong with the place
            Path(file).touch(mode=0o600)  # SQLite gives its journals the same mode
    fresh = create_engine(url, connect_args={"timeout": 60, "check_same_thread": False}, pool_size=20)
    event.listen(fresh, "connect", _prepare_sqlite)
    event.listen(fresh, "begin", _begin_sqlite)
    return fresh


def _prepare_sqlite(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, not guessed by the driver
    # FULL: a choice that the screen calls saved survives a power cut, not only a crash.
    for pragma in (
        "busy_timeout=60000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "mmap_size=2147418112",  # its most; a page of a million images is read in half the time
    ):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _migrate(fresh: Engine) -> None:
    """Check, apply and record migrations in one transaction: several processes may start at once."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with fresh.execution_options(is_writing=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
