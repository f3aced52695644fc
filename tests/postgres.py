"""A PostgreSQL server of one's own on a free port of this machine, for tests and benchmarks; gone when it is closed."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg

# A power cut may take a test's data: creating a database costs 50 ms instead of seconds.
_HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_ACCOUNT = "postgres"  # the server refuses to run as root; Debian's package makes this user


def programs() -> Path | None:
    """The folder with `initdb` and `postgres`; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


class Server:
    """Started at once; `url(database)` is what CURATE_DATABASE_URL takes. is_hasty: without waiting for the disk."""

    def __init__(self, is_hasty: bool = True) -> None:
        place = programs()
        if place is None:
            raise FileNotFoundError("PostgreSQL is not installed (Debian: apt-get install postgresql)")
        self._programs, self._folder = place, Path(tempfile.mkdtemp(prefix="curate-pg-"))
        self._port = _free_port()
        if os.geteuid() == 0:
            shutil.chown(self._folder, _ACCOUNT, _ACCOUNT)
        self._run("initdb", "-D", self._data, "-U", "curate", "--auth=trust", "--encoding=UTF8", "--no-sync")
        options = [f"port={self._port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self._folder}"]
        settings = " ".join(f"-c {value}" for value in [*options, *(_HASTY if is_hasty else ()), "max_connections=300"])
        self._run("pg_ctl", "-D", self._data, "-w", "-s", "-l", str(self._folder / "log"), "-o", settings, "start")

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def url(self, database: str) -> str:
        """SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://curate@127.0.0.1:{self._port}/{database}"

    def create(self, database: str, template: str = "template1") -> None:
        """A new database, like `template`, to which nobody may be connected."""
        self._execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._execute(f'DROP DATABASE "{database}" WITH (FORCE)')

    def close(self) -> None:
        """Stop the server and remove all it stored."""
        self._run("pg_ctl", "-D", self._data, "-w", "-s", "-m", "immediate", "stop")
        shutil.rmtree(self._folder)

    def _execute(self, sql: str) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self._port, user="curate", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(sql.encode())

    def _run(self, program: str, *arguments: str) -> None:
        as_whom: Sequence[str] = ("runuser", "-u", _ACCOUNT, "--") if os.geteuid() == 0 else ()
        command = [*as_whom, str(self._programs / program), *arguments]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", text=True)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
