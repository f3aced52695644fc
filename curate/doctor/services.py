"""Checks of what Curate talks to: the database and its clock, the store of pictures, the Dask scheduler."""

import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from curate import __version__, settings, store
from curate.catalog.database import MIGRATIONS, is_sqlite
from curate.catalog.tables.core import Image
from curate.doctor.finding import Finding
from curate.errors import BadInput, CurateError
from curate.jobs.kinds import JOB, TRAIN
from curate.store import bucket

_PATIENCE_S = 5
_CLOCK_S = 2.0
_SAMPLE = 20


@contextmanager
def _connected() -> Iterator[Connection]:
    """A connection that migrates nothing and creates no SQLite file. Raises BadInput, SQLAlchemyError."""
    is_file = is_sqlite()
    options: dict[str, Any] = {"timeout": _PATIENCE_S} if is_file else {"connect_timeout": _PATIENCE_S}
    engine = create_engine(settings.database_url(), connect_args=options)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _has_no_file() -> bool:
    return is_sqlite() and not Path(make_url(settings.database_url()).database or "").exists()


def check_database() -> list[Finding]:
    """Whether the database answers, has a schema that this release knows, and can be written."""
    try:
        if _has_no_file():
            return [Finding("database", True, "There is none yet: it is made when the app starts.")]
        with _connected() as connection:
            return [_schema(connection)]
    except (SQLAlchemyError, BadInput) as error:
        cause = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
        where = "the SQLite file" if is_sqlite() else "PostgreSQL"
        sentence = f"{where} cannot be used ({cause}): check CURATE_DATABASE_URL, and that the database runs."
        return [Finding("database", False, sentence[0].upper() + sentence[1:])]


def _schema(connection: Connection) -> Finding:
    kind = connection.dialect.name
    if not inspect(connection).has_table("alembic_version"):
        return Finding("database", True, f"{kind} answers and is empty: its tables are made when the app starts.")
    current = connection.scalar(text("SELECT version_num FROM alembic_version"))
    scripts = ScriptDirectory(str(MIGRATIONS))
    if current not in {script.revision for script in scripts.walk_revisions()}:
        return Finding("database", False, f"Its schema {current} is of a newer Curate: install that release here, too.")
    # An update of a row by itself needs the right to write and a disk that is not full; it is rolled back.
    connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
    connection.rollback()
    head = scripts.get_current_head()
    newer = "" if current == head else f" Its schema {current} is brought to {head} when the app starts."
    return Finding("database", True, f"{kind} answers and can be written, schema {current}.{newer}")


def check_clock() -> list[Finding]:
    """Whether this machine's clock agrees with the database's: heartbeats of jobs are compared by it."""
    if is_sqlite():
        return []
    try:
        with _connected() as connection:
            begin = datetime.now(UTC)
            there = connection.scalar(text("SELECT clock_timestamp()"))
            here = begin + (datetime.now(UTC) - begin) / 2
    except SQLAlchemyError:
        return []  # `check_database` says it
    apart = abs((there - here).total_seconds())
    if apart > _CLOCK_S:
        return [Finding("clock", False, f"It is {apart:.1f} s off the database's: let both follow a time server.")]
    return [Finding("clock", True, f"It agrees with the database's to {apart * 1000:.0f} ms.")]


def check_store() -> list[Finding]:
    """Whether the store takes, gives back and removes a probe, and has the newest pictures of the catalog."""
    try:
        remote = bucket.configured()
        if remote is None:
            return [_pictures_there("Pictures lie in CURATE_HOME")]
        key, data, begin = f"doctor/{secrets.token_hex(8)}", secrets.token_bytes(10_000), time.monotonic()
        remote.put(key, data)
        is_same = remote.get(key) == data
        remote.delete(key)
        took_ms = (time.monotonic() - begin) / 3 * 1000
        if not is_same:
            return [Finding("store", False, f"{remote.address} gives back other bytes than it took: do not use it.")]
        return [_pictures_there(f"{remote.address} answers in {took_ms:.0f} ms a request")]
    except CurateError as error:
        return [Finding("store", False, f"{error} {error.hint}")]


def _pictures_there(how: str) -> Finding:
    try:
        if _has_no_file():
            return Finding("store", True, f"{how}.")
        newest = select(Image.blob_sha).where(Image.state != "erased").order_by(Image.id.desc()).limit(_SAMPLE)
        with _connected() as connection:
            shas = list(connection.scalars(newest)) if inspect(connection).has_table("image") else []
    except SQLAlchemyError:
        shas = []
    missing = [sha for sha in shas if not store.has_blob(sha)]
    if missing:
        what = f"{how}, but of the {len(shas)} newest pictures {len(missing)} are not there"
        return Finding("store", False, f"{what}: `curate copy-store OLD NEW` copies them, or restore a backup.")
    return Finding("store", True, f"{how}.")


def check_scheduler() -> list[Finding]:
    """Whether the scheduler answers, has workers for every kind of job, and all have this release."""
    address = settings.scheduler()
    if address is None:
        return [Finding("scheduler", True, "CURATE_SCHEDULER is unset: jobs run on this machine.")]
    from distributed import Client

    try:
        with Client(address, timeout=_PATIENCE_S, set_as_default=False) as client:
            workers = client.scheduler_info(n_workers=-1)["workers"]
            releases = _releases(client)
    except (OSError, ValueError) as error:
        why = str(error).strip().split("\n")[0]
        return [
            Finding("scheduler", False, f"{address} does not answer ({why}): start `dask scheduler`, or correct it.")
        ]
    if not workers:
        return [Finding("scheduler", False, f"{address} has no workers: start `dask worker {address}`.")]
    offered = {name for worker in workers.values() for name in worker["resources"]}
    findings = [Finding("scheduler", True, f"{address} answers and has {len(workers)} workers.")]
    if JOB not in offered or not offered & {TRAIN, "GPU"}:
        sentence = 'No worker takes all jobs: start one with --resources "train=1 job=2", or "GPU=1 job=2".'
        findings.append(Finding("workers", False, sentence))
    others = {where: release for where, release in releases.items() if release != __version__}
    for where, release in others.items():
        sentence = f"{where} has {release}, this server Curate {__version__}: install the same release there."
        findings.append(Finding("workers", False, sentence))
    return findings if others else [*findings, Finding("workers", True, f"All have Curate {__version__}.")]


def _releases(client: Any) -> dict[str, str]:
    """Each worker's release of Curate, or "none" with the reason."""
    from distributed.protocol.pickle import cloudpickle

    module = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(module)  # workers may have no such module
    try:
        answers = client.run(_own_release, on_error="return")
    finally:
        cloudpickle.unregister_pickle_by_value(module)
    return {where: answer if isinstance(answer, str) else f"none ({answer})" for where, answer in answers.items()}


def _own_release() -> str:
    import curate

    return curate.__version__
