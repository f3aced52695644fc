"""Copies projects into another database and verifies the copy: moves a catalog from SQLite to PostgreSQL and back.

Each side is one transaction: it reads one state, and writes all of it or nothing. Rows keep their ids, which name the
folders of runs and jobs. Rows are copied in batches, so that memory stays small.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, false, func, insert, or_, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from curate import settings
from curate.catalog import database
from curate.catalog.tables.access import ApiToken
from curate.catalog.tables.core import Image, Job, Project
from curate.catalog.tables.metadata import METADATA
from curate.errors import BadInput, Conflict

BATCH = 2_000  # rows a statement
_SHARED = ("blob", "measure")  # by picture: several projects have the same
Report = Callable[[int, int | None, str], None]


@dataclass(frozen=True)
class Copied:
    """The number of copied rows of a table, and the checksum of both sides."""

    table: str
    n_rows: int
    digest: str


def copy_to(
    url: str, project_ids: list[int] | None, report: Report, source: Engine | None = None, with_open_jobs: bool = False
) -> list[Copied]:
    """Copy projects (None = all) into the database at `url`; makes its schema when it has none.

    source: another SQLite file than the catalog (`database.engine_at`). Raises BadInput for an unusable database, and
    Conflict when it has such a project or other rows with the same ids, or when jobs are open here, unless
    `with_open_jobs`; then it copies nothing.
    """
    with _target(url, is_catalog_allowed=source is not None) as target:
        reading = Session(source) if source else database.reading()
        with _copy_errors(), reading as session, target.execution_options(is_writing=True).begin() as there:
            here = session.connection()
            _check(here, there, project_ids or list(session.scalars(select(Project.id))), with_open_jobs)
            tables = METADATA.sorted_tables
            copied = [_copy_table(here, there, table, project_ids, report) for table in tables]
            for table, sent in zip(tables, copied, strict=True):
                _check_table(there, table, project_ids, sent, report)
            _set_sequences(here, there)
        with target.begin() as there:
            there.execute(text("ANALYZE"))
    return copied


def belongs_to(table: Table, project_ids: list[int]) -> ColumnElement[bool]:
    """Returns the condition that a table's rows belong to these projects, directly or by foreign keys.

    Raises LookupError for a table without a way to a project.
    """
    if table.name == "project":
        return table.c.id.in_(project_ids)
    if table.name == ApiToken.__tablename__:  # of the installation: it opens all projects there
        return false()
    if table.name in _SHARED:
        shown = select(Image.blob_sha).where(Image.project_id.in_(project_ids))
        return next(iter(table.primary_key)).in_(shown)
    if "project_id" in table.c:
        return table.c.project_id.in_(project_ids)
    for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
        parent = key.column.table
        return key.parent.in_(select(key.column).where(belongs_to(parent, project_ids)))
    raise LookupError(table.name)


@contextmanager
def _target(url: str, is_catalog_allowed: bool) -> Iterator[Engine]:
    try:
        if not is_catalog_allowed and make_url(url) == make_url(settings.database_url()):
            raise BadInput("That is the database that the projects are in.", "Name another one.")
        target = database.engine_at(url)
    except (ArgumentError, NoSuchModuleError, OperationalError) as error:
        raise BadInput(f"The database at {_shown(url)} cannot be used: {_first_line(error)}.") from error
    try:
        yield target
    finally:
        target.dispose()


@contextmanager
def _copy_errors() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise Conflict(
            f"The target holds other rows under the same numbers ({_first_line(error)}).",
            "Copy into an empty database.",
        ) from error
    except (DataError, OperationalError) as error:
        raise BadInput(f"The target refused a row: {_first_line(error)}.", "Nothing was copied.") from error


def _check(here: Connection, there: Connection, project_ids: list[int], with_open_jobs: bool) -> None:
    names = dict(here.execute(select(Project.id, Project.name).where(Project.id.in_(project_ids))).all())
    is_there = or_(Project.name.in_(names.values()), Project.id.in_(names))
    for id_, name in there.execute(select(Project.id, Project.name).where(is_there)):
        raise Conflict(f"The target holds a project {name} (number {id_}) already.", "Nothing was copied.")
    if not with_open_jobs and (n := _n_open(here, project_ids)):
        raise Conflict(f"{n:,} jobs wait or run.", "Stop the app, and let them end or cancel them first.")


def _n_open(here: Connection, project_ids: list[int]) -> int:
    mine = or_(Job.project_id.in_(project_ids), Job.project_id.is_(None))
    query = select(func.count()).select_from(Job).where(mine, Job.status.in_(("queued", "running")))
    return here.scalar(query) or 0


def _rows(table: Table, project_ids: list[int] | None) -> Select[Any]:
    return select(table) if project_ids is None else select(table).where(belongs_to(table, project_ids))


def _copy_table(
    here: Connection, there: Connection, table: Table, project_ids: list[int] | None, report: Report
) -> Copied:
    n, total = 0, 0
    with _batches(here, _rows(table, project_ids)) as batches:
        for rows in batches:
            new = _without_known(there, table, rows) if table.name in _SHARED else rows
            if new:
                there.execute(insert(table), new)
            n, total = n + len(rows), _added(total, rows)
            report(n, None, f"Copying {table.name.replace('_', ' ')}")
    return Copied(table.name, n, f"{total:032x}")


def _check_table(there: Connection, table: Table, project_ids: list[int] | None, sent: Copied, report: Report) -> None:
    """Read the table back from the target. Raises Conflict when it differs."""
    n, total = 0, 0
    with _batches(there, _rows(table, project_ids)) as batches:
        for rows in batches:
            n, total = n + len(rows), _added(total, rows)
            report(n, sent.n_rows, f"Checking {table.name.replace('_', ' ')}")
    if (n, f"{total:032x}") != (sent.n_rows, sent.digest):
        raise Conflict(
            f"Of table {table.name} {sent.n_rows:,} rows were sent, and {n:,} others came.", "Nothing was kept."
        )


@contextmanager
def _batches(connection: Connection, query: Select[Any]) -> Iterator[Iterator[list[dict[str, Any]]]]:
    """Yields the query's rows in lists, and closes its cursor in any case."""
    with connection.execute(query, execution_options={"yield_per": BATCH}) as result:
        yield ([dict(row) for row in rows] for rows in result.mappings().partitions(BATCH))


def _added(total: int, rows: list[dict[str, Any]]) -> int:
    """Returns the sum of the rows' hashes, which does not depend on their order."""
    for row in rows:
        written = json.dumps(list(row.values()), sort_keys=True, default=_plain).encode("utf-8", "surrogatepass")
        total += int.from_bytes(hashlib.sha256(written).digest()[:16])
    return total % (1 << 128)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else bytes(value).hex()


def _without_known(there: Connection, table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    key = next(iter(table.primary_key))
    known: set[str] = set()
    for start in range(0, len(rows), 500):
        wanted = [row[key.name] for row in rows[start : start + 500]]
        known |= set(there.scalars(select(key).where(key.in_(wanted))))
    return [row for row in rows if row[key.name] not in known]


def _set_sequences(here: Connection, there: Connection) -> None:
    """Set the sequences above all ids of either side, so that another project can be copied later."""
    if there.dialect.name != "postgresql":
        return  # SQLite counts on from the highest by itself
    for table in METADATA.sorted_tables:
        if "id" not in table.primary_key.columns:
            continue
        highest = max(side.scalar(select(func.max(table.c.id))) or 0 for side in (here, there))
        if highest:
            sequence = there.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name})
            there.execute(text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest})


def _shown(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "that address"


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0].rstrip(".") if str(cause).strip() else type(cause).__name__
